"""PCA, metric MDS and t-SNE of the stimuli, side by side for the nodes of a network."""

from repgeom.analyses.embeddings import EMBEDDING_COLUMNS, TEXT, embedded
from repgeom.analyses.images import class_names
from repgeom.analyses.networks import join_networks
from repgeom.figures.embeddings import embedding_grid
from repgeom.figures.style import save_figure
from repgeom.store.tables import FEW_DIGITS, write_table
from repgeom.workflow.job import start

job = start(snakemake)
table = join_networks(job.params["networks"], job.input.tables, text=TEXT)
write_table(job.output.table, table, EMBEDDING_COLUMNS, job.provenance, FEW_DIGITS)
grid, notes, labels = embedded(table)
figure = embedding_grid(grid, labels, class_names(job.input.original, labels), notes)
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
