"""Accuracy of the answers of a model's networks, read out after every step."""

import pandas as pd

from repgeom.figures.recurrence import output_accuracy
from repgeom.figures.style import save_figure
from repgeom.store.activations import open_activations
from repgeom.store.tables import write_table
from repgeom.studies.recurrence.output import OUTPUT_COLUMNS, output_rows
from repgeom.studies.recurrence.summaries import output_summary
from repgeom.workflow.job import start

job = start(snakemake)
rows = []
for context, path in zip(job.params["runs"], job.input.activations, strict=True):
    with open_activations(path) as file:
        nodes = {n["timestep"]: name for name, n in file.nodes.items() if n["module"] == "logits"}
        logits = {timestep: file.read(name) for timestep, name in nodes.items()}
        rows += output_rows(logits, file.stimuli.labels, context)
table = pd.DataFrame(rows)
chance = 1 / next(iter(logits.values())).shape[1]
write_table(job.output.table, table, OUTPUT_COLUMNS, job.provenance)
published = pd.DataFrame(job.params["published"]) if job.params["published"] else None
figure = output_accuracy(output_summary(table), chance, table, published)
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
