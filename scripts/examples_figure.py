"""Show images that a network recognised, and some that it did not."""

import pandas as pd

from repgeom.analyses.images import class_names
from repgeom.figures.clutter import answer_tiles, tile_rows
from repgeom.figures.style import save_figure
from repgeom.store.coordinates import open_coordinates
from repgeom.store.stimuli import read_stimuli
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

COUNT = 8
COLUMNS = {"id": "of the image", "category": "its class", "answer": "of the network"}

job = start(snakemake)
stimuli = read_stimuli(job.input.stimuli)
with open_coordinates(job.input.coordinates) as file:
    answers = file.stimuli.descriptors["predicted"]
truth, named = (class_names(job.input.original, labels) for labels in (stimuli.labels, answers))
table = pd.DataFrame({"id": stimuli.ids, "category": truth, "answer": named})
write_table(job.output.table, table, COLUMNS, job.provenance)
rows = answer_tiles(stimuli.images, stimuli.labels == answers, truth, named, COUNT)
save_figure(tile_rows(rows), job.output.pdf, job.output.png, provenance=job.provenance)
