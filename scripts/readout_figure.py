"""Accuracy of the answers of a model's networks, read out after every step."""

import pandas as pd

from repgeom.analyses.networks import about
from repgeom.analyses.readout import POINT_COLUMNS, READOUT_COLUMNS, answer_nodes, readout_rows, readout_summary
from repgeom.figures.readout import readout_accuracy
from repgeom.figures.style import save_figure
from repgeom.store.activations import open_activations
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
rows = []
for network, path in zip(job.params["networks"], job.input.activations, strict=True):
    with open_activations(path) as file:
        logits = {timestep: file.read(node) for timestep, node in answer_nodes(file.nodes, path).items()}
        rows += [about(network) | row for row in readout_rows(logits, file.stimuli.labels)]
table = pd.DataFrame(rows)
chance = 1 / next(iter(logits.values())).shape[1]
write_table(job.output.table, table, READOUT_COLUMNS, job.provenance)
published = pd.DataFrame(job.params["published"]) if job.params["published"] else None
summary = readout_summary(table)
write_table(job.output.means, summary[list(POINT_COLUMNS)], POINT_COLUMNS, job.provenance)
figure = readout_accuracy(summary, chance, job.params["names"]["stimuli"], table, published)
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
