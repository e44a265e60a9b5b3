"""The connections of a recurrent network: inventory and drawing."""

from repgeom.analyses.connections import CONNECTION_COLUMNS, connection_table
from repgeom.figures.connections import connections_figure
from repgeom.figures.style import save_figure
from repgeom.models.architectures import build_network
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
architecture = job.params["network"]["architecture"]
network = build_network(architecture, job.params["network"]["options"], seed=0)
table = connection_table(network, architecture)
write_table(job.output.table, table, CONNECTION_COLUMNS, job.provenance)
save_figure(connections_figure(table, network.layers), job.output.pdf, job.output.png, provenance=job.provenance)
