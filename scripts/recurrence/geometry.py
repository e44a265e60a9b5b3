"""Manifold capacity of every layer at every step, categories as manifolds; and its figure."""

import pandas as pd

from repgeom.analyses.recurrent_nodes import states
from repgeom.figures.recurrence import geometry_over_time
from repgeom.figures.style import save_figure
from repgeom.store.coordinates import open_coordinates
from repgeom.store.tables import write_table
from repgeom.studies.manifolds import CAPACITY_COLUMNS, capacity_rows
from repgeom.workflow.job import start

job = start(snakemake)
with open_coordinates(job.input.coordinates) as file:
    places = states(file.nodes)
    layers = {node: file.read(node).centred for node in places}
    labels = file.stimuli.labels
rows = capacity_rows(layers, labels, job.params["capacity"], {})
table = pd.DataFrame([{"layer": (p := places[r["node"]]).layer, "timestep": p.timestep} | r for r in rows])
columns = CAPACITY_COLUMNS | {"layer": "of the network", "timestep": "counted from 1"}
write_table(job.output.table, table, columns, job.provenance)
save_figure(geometry_over_time(table), job.output.pdf, job.output.png, provenance=job.provenance)
