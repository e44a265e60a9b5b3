"""Ridge regression from rated training images to test images, at several layers; figure, table, page."""

import pandas as pd

from repgeom.figures.generalisation import generalisation_figure
from repgeom.figures.style import save_figure
from repgeom.measures.generalisation import generalise
from repgeom.pages.generalisation import generalisation_page
from repgeom.pages.page import save_page
from repgeom.store.activations import open_activations
from repgeom.store.stimuli import read_stimuli
from repgeom.store.tables import write_table
from repgeom.studies.generalisation import GENERALISATION_COLUMNS, generalisation_rows
from repgeom.workflow.job import start

job = start(snakemake)
rated, new = read_stimuli(job.input.rated_stimuli), read_stimuli(job.input.new_stimuli)
with open_activations(job.input.rated) as a, open_activations(job.input.new) as b:
    layers = {node: generalise(a.read(node), b.read(node), job.params["ridge"]) for node in job.params["nodes"]}

rows = [row for node, layer in layers.items() for row in generalisation_rows(node, layer, rated.ids, new.ids)]
write_table(job.output.table, pd.DataFrame(rows), GENERALISATION_COLUMNS, job.provenance)
save_figure(generalisation_figure(layers, rated.images, new.images), job.output.pdf, job.output.png,
            provenance=job.provenance)  # fmt: skip
save_page(job.output.page, generalisation_page(layers, rated.images, new.images, rated.labels), job.provenance)
