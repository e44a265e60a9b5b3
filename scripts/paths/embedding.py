"""Draw PCA, MDS and t-SNE of the stimuli at several nodes."""

from repgeom.figures.embeddings import embedding_grid
from repgeom.figures.style import save_figure
from repgeom.store.coordinates import open_coordinates
from repgeom.store.tables import write_table
from repgeom.studies.embeddings import embed_nodes, embedding_table
from repgeom.workflow.job import start

job = start(snakemake)
with open_coordinates(job.input.coordinates[0]) as file:
    stimuli = file.stimuli
    coordinates = {node: file.read(node).centred for node in job.params["nodes"]}
grid, notes = embed_nodes(coordinates, job.params["perplexity"])
columns = {"x": "first dimension", "y": "second dimension", "note": "explained variance (PCA) or stress (MDS)"}
write_table(job.output.table, embedding_table(grid, notes, stimuli.ids, stimuli.labels), columns, job.provenance)
figure = embedding_grid(grid, stimuli.labels, notes)
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
