"""Show canvases that a network recognised, and some that it did not."""

import pandas as pd

from repgeom.figures.clutter import answer_tiles, tile_rows
from repgeom.figures.style import save_figure
from repgeom.store.activations import open_activations
from repgeom.store.hdf5 import read_arrays
from repgeom.store.stimuli import read_stimuli
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

COUNT = 8
COLUMNS = {"id": "of the canvas", "category": "of its target", "answer": "of the network"}

job = start(snakemake)
stimuli = read_stimuli(job.input.stimuli)
class_names = read_arrays(job.input.stimuli).attributes["class_names"]
with open_activations(job.input.activations) as file:
    answers = file.stimuli.descriptors["predicted"]
names = [[class_names[i] for i in values] for values in (stimuli.labels, answers)]
table = pd.DataFrame({"id": stimuli.ids, "category": names[0], "answer": names[1]})
write_table(job.output.table, table, COLUMNS, job.provenance)
figure = tile_rows(answer_tiles(stimuli.images, stimuli.labels, answers, class_names, COUNT))
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
