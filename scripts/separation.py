"""Separation of classes and correlation with the labels at every node of one network."""

from repgeom.analyses.networks import of_network
from repgeom.analyses.separation import SEPARATION_COLUMNS, separation_rows
from repgeom.store.rdms import read_rdms
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
options = job.params["options"]
rows = separation_rows(read_rdms(job.input.rdms), options["nodes"])
write_table(job.output.table, of_network(rows, job.params["descriptors"]), SEPARATION_COLUMNS, job.provenance)
