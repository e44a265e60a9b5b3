"""How well every node of one network predicts measured responses."""

from repgeom.analyses.encoding import ENCODING_COLUMNS, encoding_rows
from repgeom.analyses.networks import of_network
from repgeom.models.nodes import chosen_nodes
from repgeom.store.coordinates import open_coordinates
from repgeom.store.responses import read_responses
from repgeom.store.tables import write_table
from repgeom.workflow.job import log, start

job = start(snakemake)
options, data = job.params["options"], read_responses(job.input.responses)
with open_coordinates(job.input.coordinates) as file:
    nodes = chosen_nodes(options["nodes"], file.nodes, file.path)
    provenance = file.told(job.provenance)
    table = of_network(encoding_rows(file, nodes, data, options, log.info), job.params["descriptors"])
write_table(job.output.table, table, ENCODING_COLUMNS, provenance)
