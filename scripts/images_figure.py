"""Draw sets of images side by side, clean and attacked ones for instance."""

import pandas as pd

from repgeom.analyses.images import IMAGE_COLUMNS, class_names, image_rows
from repgeom.figures.image_grids import Grid, image_grids
from repgeom.figures.style import save_figure
from repgeom.store.stimuli import read_stimuli
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
titles = job.params["titles"]
sets = {title: read_stimuli(path) for title, path in dict(zip(titles, job.input.stimuli, strict=True)).items()}
originals = dict(zip(titles, job.input.originals, strict=True))
first = next(iter(sets.values()))
rows = [row for title, stimuli in sets.items() for row in image_rows(title, stimuli, first)]
write_table(job.output.table, pd.DataFrame(rows), IMAGE_COLUMNS, job.provenance)
grids = {title: Grid(s.images, class_names(originals[title], s.labels)) for title, s in sets.items()}
figure = image_grids(grids, job.params["options"]["columns"])
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
