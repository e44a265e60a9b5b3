"""Train one network on canvases drawn on the fly, or resume where an interrupted job stopped."""

from repgeom.training.canvases import read_canvases
from repgeom.workflow.device import torch_device
from repgeom.workflow.job import start
from repgeom.workflow.training import train_and_store

job = start(snakemake)
device = torch_device(job)
training, canvases = job.params["training"], job.params["canvases"]
data, test = read_canvases(job.input.datasets, canvases, training, job.params["seed"], device)
train_and_store(job, data, test, device)
