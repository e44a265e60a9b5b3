"""Manifold analysis of nodes of one or several coordinates files."""

import pandas as pd

from repgeom.store.coordinates import open_coordinates
from repgeom.store.tables import write_table
from repgeom.studies.manifolds import CAPACITY_COLUMNS, capacity_rows
from repgeom.workflow.job import start
from repgeom.workflow.progress import track

job = start(snakemake)
rows = []
for run, path in track(list(zip(job.params["runs"], job.input.coordinates, strict=True)), "manifolds", unit="files"):
    with open_coordinates(path) as file:
        layers = {node: file.read(node).centred for node in run["nodes"]}
        labels = file.stimuli.labels
    rows += capacity_rows(layers, labels, job.params["capacity"], run["context"])
write_table(job.output.table, pd.DataFrame(rows), CAPACITY_COLUMNS, job.provenance)
