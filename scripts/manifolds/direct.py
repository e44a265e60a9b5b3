"""Conic and simulated capacity of nodes of one or several coordinates files."""

import pandas as pd

from repgeom.store.coordinates import open_coordinates
from repgeom.store.tables import write_table
from repgeom.studies.manifolds import DIRECT_COLUMNS, direct_rows
from repgeom.workflow.job import start
from repgeom.workflow.progress import track

job = start(snakemake)
rows = []
for run, path in track(list(zip(job.params["runs"], job.input.coordinates, strict=True)), "capacity", unit="files"):
    with open_coordinates(path) as file:
        layers = {node: file.read(node).centred for node in run["nodes"]}
        labels = file.stimuli.labels
    rows += direct_rows(layers, labels, job.params["direct"], run["context"])
write_table(job.output.table, pd.DataFrame(rows, columns=list(DIRECT_COLUMNS)), DIRECT_COLUMNS, job.provenance)
