"""Record every node of a network for all stimuli."""

from repgeom.activations.stimuli import record_stimuli
from repgeom.models.loading import load_model
from repgeom.store.stimuli import read_stimuli
from repgeom.workflow.job import log, start

job = start(snakemake)
model = load_model(job.input.weights, job.params["network"], job.device, job.params["epoch"])
record_stimuli(
    path=job.output.activations,
    model=model,
    stimuli=read_stimuli(job.input.stimuli),
    attributes=job.params["descriptors"],
    batch_size=job.params["batch_size"],
    nodes=job.params["nodes"],
    provenance=job.provenance,
    warn=log.warning,
)
