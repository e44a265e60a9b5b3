"""Draw the first filters of a layer over training."""

import numpy as np
import pandas as pd

from repgeom.analyses.filters import FILTER_COLUMNS, filter_table, first_filters
from repgeom.analyses.naming import epoch_label
from repgeom.analyses.networks import about
from repgeom.figures.filters import filters_over_epochs
from repgeom.figures.style import save_figure
from repgeom.store.tables import write_table
from repgeom.store.weights import read_weights
from repgeom.workflow.job import start

SHOWN = 10

job = start(snakemake)
networks, layer, path = job.params["networks"], job.params["options"]["layer"], job.input.weights
epochs = [about(network)["epoch"] for network in networks]
weights = [read_weights(path, None if pd.isna(epoch) else epoch) for epoch in epochs]
filters = np.stack([first_filters(state, layer, SHOWN, path) for state in weights])
write_table(job.output.table, filter_table(networks, filters), FILTER_COLUMNS, job.provenance)
figure = filters_over_epochs(filters, [epoch_label(epoch) for epoch in epochs])
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
