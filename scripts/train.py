"""Train one network on the images of a dataset, or resume where an interrupted job stopped."""

from repgeom.store.stimuli import read_split
from repgeom.training.recipe import to_device
from repgeom.workflow.device import torch_device
from repgeom.workflow.job import start
from repgeom.workflow.training import train_and_store

job = start(snakemake)
device = torch_device(job)
data, test = (to_device(read_split(job.input.dataset, split), device) for split in ("train", "test"))
train_and_store(job, data, test, device)
