"""Draw the singular values of a node's activations (not centred) and their principal components."""

import numpy as np
import pandas as pd

from repgeom.figures.spectrum import spectrum_figure
from repgeom.figures.style import save_figure
from repgeom.measures.embedding import pca
from repgeom.store.coordinates import open_coordinates
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
with open_coordinates(job.input.coordinates) as file:
    coordinates, stimuli = file.read(job.params["node"]), file.stimuli
values = np.linalg.svd(coordinates.uncentred, compute_uv=False)
scores = pca(coordinates.centred).scores
singular = pd.DataFrame({"part": "singular values", "index": np.arange(1, len(values) + 1), "value": values})
points = pd.DataFrame({"part": "PCA", "id": stimuli.ids, "label": stimuli.labels, "x": scores[:, 0], "y": scores[:, 1]})
write_table(job.output.table, pd.concat([singular, points], ignore_index=True), {}, job.provenance)
figure = spectrum_figure(values, scores, stimuli.labels, job.params["node"])
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
