"""Draw what the first channels of the convolution make of a few images."""

import numpy as np
import pandas as pd

from repgeom.figures.filters import feature_maps
from repgeom.figures.style import save_figure
from repgeom.store.activations import open_activations
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

CHANNELS = 10

job = start(snakemake)
node = job.params["node"]
with open_activations(job.input.activations) as file:
    maps = file.read(node).reshape(-1, *file.nodes[node]["shape"])[:, :CHANNELS]
    ids = file.stimuli.ids
statistics = {"mean": maps.mean(axis=(2, 3)), "smallest": maps.min(axis=(2, 3)), "largest": maps.max(axis=(2, 3))}
index = pd.MultiIndex.from_product([ids, range(maps.shape[1])], names=["id", "channel"])
table = pd.DataFrame({name: np.ravel(values) for name, values in statistics.items()}, index=index).reset_index()
write_table(job.output.table, table, {}, job.provenance)
save_figure(feature_maps(ids, maps), job.output.pdf, job.output.png, provenance=job.provenance)
