"""Take over published weights: find them, verify them, read them as data, and test the network that they make."""

import pandas as pd

from repgeom.models.architectures import PixelModel, build_network
from repgeom.models.known_weights import Checksum
from repgeom.models.published import find_published, load_published
from repgeom.store.stimuli import read_split
from repgeom.store.tables import write_table
from repgeom.store.weights import write_weights
from repgeom.training.canvases import unseen_canvases
from repgeom.training.classifier import untrained_row
from repgeom.training.history_columns import HISTORY_COLUMNS
from repgeom.training.recipe import to_device
from repgeom.workflow.device import torch_device
from repgeom.workflow.job import start

job = start(snakemake)
device = torch_device(job)
network, source, canvases = (job.params[name] for name in ("network", "source", "canvases"))
checksum = Checksum(*source["checksum"])
built = build_network(network["architecture"], network["options"], seed=0)
file = job.input.file[0] if job.input.file else find_published(source["url"], job.resources.data_dir, checksum)
load_published(built, file, checksum)
model = PixelModel(built, network["normalise"]).to(device)
if canvases:
    test = unseen_canvases(job.input.datasets, canvases, device)
else:
    test = to_device(read_split(job.input.datasets[0], "test"), device)
history = pd.DataFrame([untrained_row(model, test)])
write_weights(job.output.weights, {0: built.state_dict()}, job.provenance)
write_table(job.output.history, history, HISTORY_COLUMNS, job.provenance)
