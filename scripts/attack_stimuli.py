"""Attack a stimulus set with the gradients of one network."""

from dataclasses import replace

from repgeom.activations.batches import map_batches
from repgeom.models.loading import load_model
from repgeom.store.stimuli import read_class_names, read_stimuli, repeat_for_strengths, write_stimuli
from repgeom.training.recipe import attack_from_config
from repgeom.workflow.device import torch_device
from repgeom.workflow.job import start

job = start(snakemake)
device = torch_device(job)
section = job.params["attack"]
epsilons = section["epsilon"] if isinstance(section["epsilon"], list) else [section["epsilon"]]
stimuli = repeat_for_strengths(read_stimuli(job.input.stimuli), "epsilon", epsilons)
model = load_model(job.input.weights, job.params["network"], device)
images = map_batches(
    lambda batch, labels, epsilon: attack_from_config(section)(model, batch, labels, epsilon=epsilon),
    [stimuli.channels_first(), stimuli.labels, stimuli.descriptors["epsilon"]],
    job.params["batch_size"],
    device,
)
attacked = replace(stimuli, images=images.reshape(stimuli.images.shape))
attributes = {"class_names": read_class_names(job.input.stimuli), "attack": section}
write_stimuli(job.output.stimuli, attacked, attributes, job.provenance)
