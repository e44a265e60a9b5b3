"""Reduce every node of a network to coordinates while it is shown the stimuli, with no file of activations."""

from repgeom.activations.streaming import record_coordinates
from repgeom.coordinates.projection import projection_for
from repgeom.models.loading import load_model
from repgeom.store.stimuli import open_stimuli
from repgeom.workflow.device import torch_device
from repgeom.workflow.job import log, start
from repgeom.workflow.progress import track

job = start(snakemake)
device = torch_device(job)
model = load_model(job.input.weights, job.params["network"], device, job.params["epoch"])
with open_stimuli(job.input.stimuli) as stimuli:
    record_coordinates(
        path=job.output.coordinates,
        model=model,
        stimuli=stimuli,
        attributes=job.params["descriptors"],
        batch_size=job.params["batch_size"],
        memory_mb=job.resources.mem_mb,
        nodes=job.params["nodes"],
        projection=projection_for(len(stimuli.ids), job.params["projection"]),
        provenance=job.provenance,
        warn=log.warning,
        tell=log.info,
        track=lambda passes: track(passes, "coordinates", unit="passes"),
    )
