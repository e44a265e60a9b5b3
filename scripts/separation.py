"""Separation of classes and correlation with the labels at every node of one network."""

from repgeom.analyses.networks import of_network
from repgeom.analyses.separation import SEPARATION_COLUMNS, separation_rows
from repgeom.store.projected import projection_of, with_bounds
from repgeom.store.rdms import read_rdms
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
options = job.params["options"]
rdms = read_rdms(job.input.rdms)
rows, provenance = separation_rows(rdms, options["nodes"]), with_bounds(job.provenance, projection_of(rdms.provenance))
write_table(job.output.table, of_network(rows, job.params["descriptors"]), SEPARATION_COLUMNS, provenance)
