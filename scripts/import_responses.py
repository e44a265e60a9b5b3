"""Read measured responses from a user's file."""

from repgeom.store.responses import import_responses, write_responses
from repgeom.workflow.job import start

job = start(snakemake)
write_responses(job.output.responses, import_responses(job.input.file, job.params["ids"]), job.provenance)
