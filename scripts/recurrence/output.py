"""Accuracy of the answers of a model's networks, read out after every step."""

import pandas as pd

from repgeom.store.activations import open_activations
from repgeom.store.tables import write_table
from repgeom.studies.recurrence import OUTPUT_COLUMNS, output_rows
from repgeom.workflow.job import start

job = start(snakemake)
rows = []
for context, path in zip(job.params["runs"], job.input.activations, strict=True):
    with open_activations(path) as file:
        nodes = {n["timestep"]: name for name, n in file.nodes.items() if n["module"] == "logits"}
        logits = {timestep: file.read(name) for timestep, name in nodes.items()}
        rows += output_rows(logits, file.stimuli.labels, context)
write_table(job.output.table, pd.DataFrame(rows), OUTPUT_COLUMNS, job.provenance)
