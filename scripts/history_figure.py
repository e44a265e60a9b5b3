"""Draw loss and accuracy of networks over training."""

from repgeom.analyses.history import HISTORY_COLUMNS, POINT_COLUMNS, history_means, history_table
from repgeom.figures.history import history_figure
from repgeom.figures.style import save_figure
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
table = history_table(job.params["networks"], job.input.histories)
write_table(job.output.table, table, HISTORY_COLUMNS, job.provenance)
write_table(job.output.means, history_means(table), POINT_COLUMNS, job.provenance)
models = {name: look for name, look in job.params["names"]["models"].items() if name in set(table["model"])}
save_figure(history_figure(table, models), job.output.pdf, job.output.png, provenance=job.provenance)
