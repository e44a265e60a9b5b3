"""Take over weights: find them, verify them, read them as data, and test the network that they make."""

import pandas as pd

from repgeom.models.architectures import build_model
from repgeom.models.published import copy_weights
from repgeom.store.stimuli import read_split
from repgeom.store.tables import write_table
from repgeom.store.weights import write_weights
from repgeom.training.canvases import unseen_canvases
from repgeom.training.classifier import untested_row, untrained_row
from repgeom.training.history_columns import HISTORY_COLUMNS
from repgeom.training.recipe import to_device
from repgeom.workflow.device import torch_device
from repgeom.workflow.job import log, start

job = start(snakemake)
device = torch_device(job)
network, source, canvases = (job.params[name] for name in ("network", "source", "canvases"))
model = build_model(network, job.params["seed"])
file = job.input.file[0] if job.input.file else None
copy_weights(model.network, network, source, file, job.resources.data_dir, log.warning)
model = model.to(device)
if canvases:
    row = untrained_row(model, unseen_canvases(job.input.datasets, canvases, device))
elif job.input.datasets:
    row = untrained_row(model, to_device(read_split(job.input.datasets[0], "test"), device))
else:
    row = untested_row()
write_weights(job.output.weights, {0: model.network.state_dict()}, job.provenance)
write_table(job.output.history, pd.DataFrame([row]), HISTORY_COLUMNS, job.provenance)
