"""Draw the singular modes over training, the exact theory over them, and the loss."""

from repgeom.analyses.learning_dynamics import trajectory_table
from repgeom.analyses.linear_runs import read_history
from repgeom.figures.modes import modes_figure
from repgeom.figures.style import save_figure
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

COLUMNS = {
    "measured": "singular value of the map from items to features",
    "analytic": "the same from theory (Saxe, McClelland & Ganguli 2019, in discrete steps)",
    "difference": "measured − analytic, relative to the largest mode",
}

job = start(snakemake)
history = read_history(job.input.main)
table = trajectory_table(history)
write_table(job.output.table, table, COLUMNS, job.provenance)
save_figure(modes_figure(table, history.steps, history.loss), job.output.pdf, job.output.png, provenance=job.provenance)
