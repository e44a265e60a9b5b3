"""Singular values of nodes' activations (not centred), and the principal components of the stimuli."""

import pandas as pd

from repgeom.analyses.images import class_names
from repgeom.analyses.networks import about
from repgeom.analyses.spectrum import SPECTRUM_COLUMNS, spectrum, spectrum_rows
from repgeom.figures.spectrum import spectrum_figure
from repgeom.figures.style import save_figure
from repgeom.models.nodes import chosen_nodes
from repgeom.store.coordinates import open_coordinates
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
(network,), (path,) = job.params["networks"], job.input.coordinates
with open_coordinates(path) as file:
    stimuli, provenance = file.stimuli, file.told(job.provenance)
    spectra = {node: spectrum(node, file.read(node)) for node in chosen_nodes(network["nodes"], file.nodes, path)}
table = pd.DataFrame(about(network) | row for row in spectrum_rows(spectra, stimuli.ids, stimuli.labels))
write_table(job.output.table, table, SPECTRUM_COLUMNS, provenance)
figure = spectrum_figure(spectra, stimuli.labels, class_names(job.input.original, stimuli.labels))
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
