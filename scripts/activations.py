"""Record every node of a network, for all stimuli or a part of them."""

from repgeom.activations.stimuli import record_stimuli
from repgeom.models.loading import load_model
from repgeom.store.stimuli import open_stimuli
from repgeom.workflow.device import torch_device
from repgeom.workflow.job import log, start

job = start(snakemake)
device = torch_device(job)
model = load_model(job.input.weights, job.params["network"], device, job.params["epoch"])
with open_stimuli(job.input.stimuli) as stimuli:
    record_stimuli(
        path=job.output.activations,
        model=model,
        stimuli=stimuli,
        attributes=job.params["descriptors"],
        batch_size=job.params["batch_size"],
        nodes=job.params["nodes"],
        provenance=job.provenance,
        warn=log.warning,
        part=tuple(job.params["part"]),
    )
