"""Draw loss and accuracy over training."""

from repgeom.figures.history import history_figure
from repgeom.figures.style import save_figure
from repgeom.store.tables import read_table, write_table
from repgeom.training.history_columns import HISTORY_COLUMNS
from repgeom.workflow.job import start

job = start(snakemake)
table = read_table(job.input.history)
write_table(job.output.table, table, HISTORY_COLUMNS, job.provenance)
save_figure(history_figure(table), job.output.pdf, job.output.png, provenance=job.provenance)
