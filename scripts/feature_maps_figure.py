"""Draw what the first channels of a node make of the first image over training, and of all images at its end."""

import torch

from repgeom.activations.batches import to_tensor
from repgeom.analyses.feature_maps import MAP_COLUMNS, first_maps, map_table
from repgeom.analyses.images import class_names
from repgeom.analyses.naming import epoch_label
from repgeom.analyses.networks import about
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
device, networks = torch_device(job), job.params["networks"]
(node,) = networks[0]["nodes"]
stimuli = read_stimuli(job.input.stimuli)
images = to_tensor(stimuli.channels_first(), device)
maps = []
for network in networks:
    model = load_model(job.input.weights, job.params["network"], device, network["epoch"])
    with torch.no_grad():
        maps.append(first_maps(node_response(model, node, images).cpu().numpy(), node, CHANNELS))
write_table(job.output.table, map_table(networks, stimuli.ids, maps), MAP_COLUMNS, job.provenance)

epochs = [epoch_label(about(network)["epoch"]) for network in networks]
rows = [(0, epoch, found[0]) for epoch, found in zip(epochs[:-1], maps[:-1], strict=True)]
rows += [(i, epochs[-1], found) for i, found in enumerate(maps[-1])]
classes = class_names(job.input.original, stimuli.labels)
titles = [f"{classes[i]}\n{epoch}" for i, epoch, _ in rows]
figure = feature_maps([stimuli.images[i] for i, _, _ in rows], titles, [found for *_, found in rows])
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
