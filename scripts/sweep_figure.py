"""Accuracy and geometry of networks against the strength of an attack."""

from repgeom.analyses.naming import line_looks
from repgeom.analyses.networks import join_networks
from repgeom.analyses.sweep import AXES, POINT_COLUMNS, SWEEP_COLUMNS, sweep_means
from repgeom.figures.epsilon_sweep import epsilon_sweep
from repgeom.figures.style import save_figure
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
names = job.params["names"]
table = join_networks(job.params["networks"], job.input.tables, text=["node"])
write_table(job.output.table, table, SWEEP_COLUMNS, job.provenance)
lines, looks = line_looks(table, names, by=("model", "epoch"))
means = sweep_means(table.assign(line=lines))
write_table(job.output.means, means, POINT_COLUMNS, job.provenance)
nodes = list(dict.fromkeys(table["node"].dropna()))
figure = epsilon_sweep(means, looks, names["stimuli"], nodes, AXES[job.params["changed"]])
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
