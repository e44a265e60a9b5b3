"""Draw the path of a network's geometries through layers and steps towards the categories."""

from repgeom.figures.geometry_path import geometry_path
from repgeom.figures.style import save_figure
from repgeom.store.rdms import read_rdms
from repgeom.store.tables import write_table
from repgeom.studies.geometry_paths import COLUMNS, geometry, map_table, numbers_table, path_map
from repgeom.studies.recurrence.rdms import path_of
from repgeom.workflow.job import start

job = start(snakemake)
model, comparison = job.params["model"], job.params["comparison"]
g = geometry({model: path_of(read_rdms(job.input.rdms))}, comparison, job.params["resamples"], job.params["seed"])
points, stress = path_map(g)
columns = {"stress": "Stress-1 of the map", "x": "place in the map", "y": "place in the map"}
write_table(job.output.table, map_table(g, points, stress), columns, job.provenance)
write_table(job.output.numbers, numbers_table(g), COLUMNS, job.provenance)
names, looks = (g.paths.models, g.paths.nodes), job.params["looks"]
title = "layers and timesteps, cluttered canvases"
figure = geometry_path(g.dissimilarity, points, stress, names, g.paths.indices, looks, title, comparison)
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
