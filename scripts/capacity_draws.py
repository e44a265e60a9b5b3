"""Mean-field geometry of random images of each class, at some nodes of one network."""

import numpy as np
import torch

from repgeom.activations.batches import map_batches, to_tensor
from repgeom.analyses.capacity_draws import DRAW_COLUMNS, draw_rows, stimuli_of
from repgeom.analyses.networks import of_network
from repgeom.coordinates.reduction import reduce_activations
from repgeom.models.loading import load_model
from repgeom.models.nodes import chosen_nodes
from repgeom.stimuli.metamers import node_function, nodes_of
from repgeom.stimuli.selection import random_per_class
from repgeom.store.stimuli import read_split
from repgeom.store.tables import write_table
from repgeom.workflow.device import torch_device
from repgeom.workflow.job import start
from repgeom.workflow.progress import track

job = start(snakemake)
device, options, selection = torch_device(job), job.params["options"], job.params["selection"]
model = load_model(job.input.weights, job.params["network"], device, job.params["descriptors"]["epoch"])
data = read_split(job.input.dataset, selection["split"])
example = to_tensor(stimuli_of(data.take([0])).channels_first(), device)
nodes = chosen_nodes(options["nodes"], nodes_of(model, example), job.input.weights)
responses = {node: node_function(model, node, example) for node in nodes}

rng = np.random.default_rng(options["seed"])
rows = []
for draw in track(range(options["draws"]), "manifolds", unit="draws"):
    stimuli, layers = stimuli_of(data.take(random_per_class(data, selection["per_class"], rng))), {}
    for node, respond in responses.items():
        with torch.no_grad():
            values = map_batches(respond, [stimuli.channels_first()], job.params["batch_size"], device)
        layers[node] = reduce_activations([values.reshape(len(values), -1)], node).centred
    rows += draw_rows(layers, stimuli.labels, options["mean_field"], draw)
write_table(job.output.table, of_network(rows, job.params["descriptors"]), DRAW_COLUMNS, job.provenance)
