"""Draw the graph of a network."""

from repgeom.analyses.graph import GRAPH_COLUMNS, graph_table
from repgeom.figures.network_graph import network_graph
from repgeom.figures.style import save_figure
from repgeom.models.nodes import chosen_nodes
from repgeom.store.coordinates import open_coordinates
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
path = job.input.coordinates
with open_coordinates(path) as coordinates:
    recorded = coordinates.nodes
wanted = job.params["networks"][0]["nodes"]
nodes = {name: recorded[name] for name in chosen_nodes(wanted, recorded, path)}
write_table(job.output.table, graph_table(nodes), GRAPH_COLUMNS, job.provenance)
save_figure(network_graph(nodes), job.output.pdf, job.output.png, provenance=job.provenance)
