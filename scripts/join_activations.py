"""Join what several jobs have recorded, each of a part of the stimuli, into one file."""

from repgeom.store.parts import join_parts
from repgeom.workflow.job import log, start

job = start(snakemake)
join_parts(
    job.output.activations, list(job.input), job.params["descriptors"], provenance=job.provenance, warn=log.warning
)
