"""
RDMs of the layers of a network
===============================

A network is shown ten images of each digit. What its nodes compute is reduced exactly to coordinates, from which the
RDM of each node follows.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch

from repgeom.activations.recorder import record_batches, recorder_for
from repgeom.coordinates.reduction import reduce_activations
from repgeom.datasets.sources import load_dataset
from repgeom.measures.rdm import compute_rdm
from repgeom.models.lenet import LeNet
from repgeom.stimuli.selection import first_per_class

# %%
# The images are the first of each class among the test images of MNIST that come with the project.

images = load_dataset({"source": "mnist-10k"}, data_dir="data")["test"]
chosen = first_per_class(images, 10)
batch = torch.from_numpy(images.images[chosen])[:, None] / 255

# %%
# Any network can be recorded; this LeNet has random weights. Names of nodes follow its modules and operations.

torch.manual_seed(0)
network = LeNet().eval()
activations = {}
record_batches(
    recorder_for(network, batch, print),
    [batch],
    ["input", "conv1", "conv2", "fc1", "fc2"],
    lambda node, value: activations.setdefault(node.name, value.numpy()),
)

# %%
# Coordinates have at most n + 1 columns, whatever the number of features, and keep every inner product.

coordinates = {node: reduce_activations([value.reshape(len(value), -1)]) for node, value in activations.items()}
for node, found in coordinates.items():
    print(f"{node}: {found.n_features} features, {found.centred.shape[1]} coordinates")

# %%
# The upper triangle of an RDM is a vector, as in rsatoolbox and SciPy.

figure, axes = plt.subplots(1, len(coordinates), figsize=(9, 2.6), layout="constrained")
for axis, (node, found) in zip(axes, coordinates.items(), strict=True):
    rdm = np.zeros((len(chosen), len(chosen)))
    rdm[np.triu_indices(len(chosen), 1)] = compute_rdm(found, "correlation", node)
    shown = axis.imshow(rdm + rdm.T, vmin=0, cmap="viridis")
    axis.set(title=node, xticks=[], yticks=[])
    figure.colorbar(shown, ax=axis, orientation="horizontal", label="Pearson distance")
