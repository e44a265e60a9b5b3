"""Show how canvases are made: objects, cluttered and clean canvases, and every swap of one."""

import numpy as np
import pandas as pd

from repgeom.analyses.canvas_gallery import LABEL_COLUMNS, label_table
from repgeom.figures.canvas_gallery import canvas_rows, object_rows, swap_rows
from repgeom.figures.clutter import tile_rows
from repgeom.figures.style import save_figure
from repgeom.stimuli.clutter.canvases import spec_of
from repgeom.stimuli.clutter.parameters import draw
from repgeom.stimuli.clutter.splits import read_sources
from repgeom.store.tables import write_table
from repgeom.workflow.device import use_threads
from repgeom.workflow.job import start

COUNT = 8

job = start(snakemake)
use_threads(job)
options, canvases = job.params["options"], job.params["canvases"]
sources = read_sources(job.input.datasets, "test", canvases["held_out"])
parameters = draw(spec_of(canvases["recipe"], sources), sources, options["seed"], np.arange(COUNT))
noise_free = draw(spec_of(canvases["recipe"], sources, noise=False), sources, options["seed"], np.arange(1))
rows = object_rows(sources, COUNT) | canvas_rows(parameters, sources)
rows |= swap_rows(noise_free, sources, options["swaps"])
write_table(job.output.table, pd.DataFrame(label_table(parameters, sources)), LABEL_COLUMNS, job.provenance)
save_figure(tile_rows(rows), job.output.pdf, job.output.png, provenance=job.provenance)
