"""Show a network's input layer over time: its activation, and the recurrent flow into it."""

import pandas as pd

from repgeom.analyses.input_maps import MAP_COLUMNS, input_maps, map_table
from repgeom.figures.clutter import MapRow, maps_over_time
from repgeom.figures.style import save_figure
from repgeom.store.activations import open_activations
from repgeom.store.stimuli import read_stimuli
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
count = job.params["options"]["canvases"]
with open_activations(job.input.activations[0]) as file:
    maps = input_maps(file.nodes, lambda node: file.read(node, slice(0, count)))
rows = [MapRow(title, found, centre) for (title, centre), found in maps.items()]
images = read_stimuli(job.input.stimuli[0]).images[:count]
write_table(job.output.table, pd.DataFrame(map_table(maps)), MAP_COLUMNS, job.provenance)
save_figure(maps_over_time(images, rows), job.output.pdf, job.output.png, provenance=job.provenance)
