"""Decode the stimuli's properties from every node of one network."""

import pandas as pd

from repgeom.analyses.decoding import DECODING_COLUMNS, decoding_rows, decoding_task
from repgeom.analyses.networks import of_network
from repgeom.models.nodes import chosen_nodes
from repgeom.store.coordinates import open_coordinates
from repgeom.store.tables import write_table
from repgeom.workflow.job import start
from repgeom.workflow.progress import track

job = start(snakemake)
options = job.params["options"]
with open_coordinates(job.input.coordinates) as file:
    described, provenance = file.nodes, file.told(job.provenance)
    task = decoding_task(file.stimuli, options, file.path)
    nodes = chosen_nodes(options["nodes"], described, file.path)
    table = pd.DataFrame(
        row
        for node in track(nodes, "decoding", unit="nodes")
        for row in decoding_rows(node, described[node], file.read(node).uncentred, task)
    )
write_table(job.output.table, of_network(table, job.params["descriptors"]), DECODING_COLUMNS, provenance)
