"""Read measured RDMs of subjects from a user's file."""

from repgeom.store.measured_rdms import import_rdms, write_measured_rdms
from repgeom.workflow.job import start

job = start(snakemake)
rdms = import_rdms(job.input.file, job.params["ids"], job.params["subjects"])
write_measured_rdms(job.output.rdms, rdms, job.provenance)
