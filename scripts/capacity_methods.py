"""Conic and simulated capacity of the classes at every node of one network."""

from repgeom.analyses.capacity_methods import METHOD_COLUMNS, method_rows
from repgeom.analyses.networks import of_network
from repgeom.models.nodes import chosen_nodes
from repgeom.store.coordinates import open_coordinates
from repgeom.store.tables import write_table
from repgeom.workflow.job import start
from repgeom.workflow.progress import track

job = start(snakemake)
options = job.params["options"]
with open_coordinates(job.input.coordinates) as file:
    provenance = file.told(job.provenance)
    nodes, labels = chosen_nodes(options["nodes"], file.nodes, file.path), file.stimuli.labels
    layers = {node: file.read(node).centred for node in nodes}
rows = track(method_rows(layers, labels, options), "capacity", len(layers), "nodes")
write_table(job.output.table, of_network(rows, job.params["descriptors"]), METHOD_COLUMNS, provenance)
