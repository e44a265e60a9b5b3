"""Mean-field capacity, radius, dimension and centre correlation of the classes at every node of one network."""

from repgeom.analyses.capacity import CAPACITY_COLUMNS, capacity_rows, with_places
from repgeom.analyses.networks import of_network
from repgeom.models.nodes import chosen_nodes
from repgeom.store.coordinates import open_coordinates
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
options = job.params["options"]
with open_coordinates(job.input.coordinates) as file:
    provenance = file.told(job.provenance)
    nodes, labels = file.nodes, file.stimuli.labels
    layers = {node: file.read(node).centred for node in chosen_nodes(options["nodes"], nodes, file.path)}
rows = with_places(capacity_rows(layers, labels, options), nodes)
write_table(job.output.table, of_network(rows, job.params["descriptors"]), CAPACITY_COLUMNS, provenance)
