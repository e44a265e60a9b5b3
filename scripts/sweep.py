"""Accuracy and geometry of one network at every strength of an attack."""

from repgeom.analyses.networks import of_network
from repgeom.analyses.sweep import SWEEP_COLUMNS, sweep_rows
from repgeom.models.nodes import chosen_nodes
from repgeom.store.coordinates import open_coordinates
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
path, options = job.input.coordinates, job.params["options"]
with open_coordinates(path) as file:
    coordinates = {node: file.read(node) for node in chosen_nodes(options["nodes"], file.nodes, path)}
    rows = sweep_rows(file.stimuli, coordinates, options["measure"], path)
    write_table(job.output.table, of_network(rows, job.params["descriptors"]), SWEEP_COLUMNS, file.told(job.provenance))
