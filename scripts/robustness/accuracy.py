"""Accuracy of every network on clean and attacked images."""

import pandas as pd

from repgeom.figures.accuracy import accuracy_figure
from repgeom.figures.style import save_figure
from repgeom.store.coordinates import open_coordinates
from repgeom.store.tables import write_table
from repgeom.studies.robustness import ACCURACY_COLUMNS, Run, accuracy_row
from repgeom.workflow.job import start

job = start(snakemake)
rows = []
for run, path in zip(job.params["runs"], job.input.coordinates, strict=True):
    with open_coordinates(path) as coordinates:
        rows.append(accuracy_row(Run(**run), coordinates.stimuli))

table = pd.DataFrame(rows)
write_table(job.output.table, table, ACCURACY_COLUMNS, job.provenance)
save_figure(accuracy_figure(table, job.params["models"]), job.output.pdf, job.output.png, provenance=job.provenance)
