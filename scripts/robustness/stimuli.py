"""Draw the clean and the attacked images."""

import numpy as np
import pandas as pd

from repgeom.figures.image_grids import image_grids
from repgeom.figures.style import save_figure
from repgeom.store.stimuli import read_stimuli
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
sets = dict(zip(job.params["titles"], map(read_stimuli, job.input.stimuli), strict=True))
clean = next(iter(sets.values()))
rows = [
    {"images": title, "id": i, "label": label, "largest_change": float(np.abs(shown - original).max())}
    for title, stimuli in sets.items()
    for i, label, shown, original in zip(stimuli.ids, stimuli.labels, stimuli.images, clean.images, strict=True)
]
columns = {"largest_change": "largest absolute difference of a pixel from the clean image (pixel units, 0–1)"}
write_table(job.output.table, pd.DataFrame(rows), columns, job.provenance)
figure = image_grids({title: s.images for title, s in sets.items()}, clean.labels, job.params["columns"])
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
