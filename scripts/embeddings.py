"""PCA, metric MDS and t-SNE of the stimuli at nodes of one network."""

from repgeom.analyses.embeddings import EMBEDDING_COLUMNS, embed_nodes, embedding_table
from repgeom.analyses.networks import of_network
from repgeom.models.nodes import chosen_nodes
from repgeom.store.coordinates import open_coordinates
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
options = job.params["options"]
with open_coordinates(job.input.coordinates) as file:
    stimuli, provenance = file.stimuli, file.told(job.provenance)
    nodes = chosen_nodes(options["nodes"], file.nodes, file.path)
    coordinates = {node: file.read(node).centred for node in nodes}
grid, notes = embed_nodes(coordinates, options["perplexity"])
table = of_network(embedding_table(grid, notes, stimuli.ids, stimuli.labels), job.params["descriptors"])
write_table(job.output.table, table, EMBEDDING_COLUMNS, provenance)
