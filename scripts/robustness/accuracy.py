"""Accuracy of every network on clean and attacked images."""

from repgeom.figures.accuracy import accuracy_figure
from repgeom.figures.style import save_figure
from repgeom.store.tables import write_table
from repgeom.studies.robustness.accuracy import ACCURACY_COLUMNS, accuracy_table
from repgeom.workflow.job import start

job = start(snakemake)
table = accuracy_table(job.params["runs"], job.input.coordinates)
write_table(job.output.table, table, ACCURACY_COLUMNS, job.provenance)
save_figure(accuracy_figure(table, job.params["models"]), job.output.pdf, job.output.png, provenance=job.provenance)
