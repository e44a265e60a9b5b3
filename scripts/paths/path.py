"""Draw the path of geometries of one or more models, with the numbers of the path."""

from repgeom.figures.geometry_path import geometry_path
from repgeom.figures.style import save_figure
from repgeom.store.rdms import read_rdms
from repgeom.store.tables import write_table
from repgeom.studies.geometry_paths import COLUMNS, geometry, map_table, numbers_table, path_map
from repgeom.workflow.job import start

job = start(snakemake)
files = dict(zip(job.params["models"], map(read_rdms, job.input.rdms), strict=True))
g = geometry(files, job.params["comparison"], job.params["resamples"], job.params["seed"])
points, stress = path_map(g)
columns = {"stress": "Stress-1 of the map", "x": "place in the map", "y": "place in the map"}
write_table(job.output.table, map_table(g, points, stress), columns, job.provenance)
write_table(job.output.numbers, numbers_table(g), COLUMNS, job.provenance)
figure = geometry_path(
    g.dissimilarity,
    points,
    stress,
    (g.paths.models, g.paths.nodes),
    g.paths.indices,
    job.params["looks"],
    job.params["title"],
    job.params["comparison"],
)
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
