"""Manifold analysis of random images of each class."""

import numpy as np
import pandas as pd
import torch

from repgeom.activations.batches import map_batches
from repgeom.coordinates.reduction import reduce_activations
from repgeom.models.loading import load_model
from repgeom.stimuli.metamers import node_response
from repgeom.stimuli.selection import random_per_class
from repgeom.store.stimuli import read_split
from repgeom.store.tables import write_table
from repgeom.studies.manifolds import DRAW_COLUMNS, draw_rows
from repgeom.workflow.device import torch_device
from repgeom.workflow.job import start
from repgeom.workflow.progress import track

job = start(snakemake)
device, section, clouds = torch_device(job), job.params["draws"], job.params["clouds"]
model = load_model(job.input.weights, job.params["network"], device)
data = read_split(job.input.dataset, clouds["split"])
rng = np.random.default_rng(section["seed"])
rows = []
for draw in track(list(range(section["draws"])), "manifolds", unit="draws"):
    chosen = data.take(random_per_class(data, clouds["per_class"], rng))
    images = chosen.to_float()[:, None] if chosen.images.ndim == 3 else chosen.to_float()
    layers = {}
    for node in section["nodes"]:
        with torch.no_grad():
            values = map_batches(
                lambda batch, node=node: node_response(model, node, batch).flatten(1),
                [images],
                job.params["batch_size"],
                device,
            )
        layers[node] = reduce_activations([values], node).centred
    rows += draw_rows(layers, chosen.labels, job.params["capacity"], draw)
write_table(job.output.table, pd.DataFrame(rows), DRAW_COLUMNS, job.provenance)
