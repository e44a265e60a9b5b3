"""Draw what the first channels of a layer make of the first image over training, and of all images at its end."""

import numpy as np
import pandas as pd
import torch

from repgeom.activations.batches import to_tensor
from repgeom.figures.filters import feature_maps
from repgeom.figures.style import save_figure
from repgeom.models.loading import load_model
from repgeom.stimuli.metamers import node_response
from repgeom.store.stimuli import read_stimuli
from repgeom.store.tables import write_table
from repgeom.workflow.device import torch_device
from repgeom.workflow.job import start

CHANNELS = 10

job = start(snakemake)
device, epochs = torch_device(job), job.params["epochs"]
stimuli = read_stimuli(job.input.stimuli)
images = to_tensor(stimuli.channels_first(), device)
maps = {}
for epoch in epochs:
    model = load_model(job.input.weights, job.params["network"], device, f"epoch{epoch:03d}")
    with torch.no_grad():
        maps[epoch] = node_response(model, job.params["node"], images)[:, :CHANNELS].cpu().numpy()
statistics = {
    name: np.stack([getattr(found, name)(axis=(2, 3)) for found in maps.values()]).ravel()
    for name in ("mean", "min", "max")
}
names = ["epoch", "id", "channel"]
index = pd.MultiIndex.from_product([epochs, stimuli.ids, range(maps[epochs[0]].shape[1])], names=names)
columns = {name: f"{name} of the map (activation units)" for name in statistics}
write_table(job.output.table, pd.DataFrame(statistics, index=index).reset_index(), columns, job.provenance)
rows = {(stimuli.ids[0], epoch): maps[epoch][0] for epoch in epochs[:-1]}
rows |= {(name, epochs[-1]): shown for name, shown in zip(stimuli.ids, maps[epochs[-1]], strict=True)}
save_figure(feature_maps(rows), job.output.pdf, job.output.png, provenance=job.provenance)
