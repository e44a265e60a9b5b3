"""Draw the first layer's filters over training."""

import numpy as np
import pandas as pd

from repgeom.figures.filters import filters_over_epochs
from repgeom.figures.style import save_figure
from repgeom.store.tables import write_table
from repgeom.store.weights import read_weights
from repgeom.workflow.job import start

SHOWN = 10

job = start(snakemake)
epochs = job.params["epochs"]
name = f"{job.params['layer']}.weight"
filters = np.stack([read_weights(job.input.weights, epoch)[name].numpy()[:SHOWN, 0] for epoch in epochs])
index = pd.MultiIndex.from_product([epochs, *map(range, filters.shape[1:])], names=["epoch", "filter", "row", "column"])
write_table(job.output.table, pd.DataFrame({"weight": filters.ravel()}, index=index).reset_index(), {}, job.provenance)
save_figure(filters_over_epochs(filters, epochs), job.output.pdf, job.output.png, provenance=job.provenance)
