"""How well networks predict measured responses, node by node."""

from repgeom.analyses.encoding import BEST, ENCODING_COLUMNS, ceiling_of, encoding_means
from repgeom.analyses.intervals import MEAN_COLUMNS
from repgeom.analyses.naming import line_looks
from repgeom.analyses.networks import join_networks
from repgeom.figures.encoding import encoding_figure
from repgeom.figures.style import save_figure
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
table = join_networks(job.params["networks"], job.input.tables, text=("node", "subject"))
write_table(job.output.table, table, ENCODING_COLUMNS, job.provenance)

lines, looks = line_looks(table, job.params["names"])
means = encoding_means(table.assign(line=lines))
write_table(job.output.numbers, means, MEAN_COLUMNS, job.provenance)
nodes = sorted(dict.fromkeys(table["node"]), key=lambda node: node == BEST)  # which networks of other nodes share
figure = encoding_figure(means, looks, nodes, ceiling_of(table), job.params["data"], [BEST])
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
