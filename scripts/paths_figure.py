"""Paths of networks through the space of geometries, with the numbers of the paths."""

import pandas as pd

from repgeom.analyses.paths import (
    MAP_COLUMNS,
    NUMBER_COLUMNS,
    disparity_row,
    geometries,
    geometry,
    map_table,
    mean_rows,
    number_rows,
    path_map,
    without_each_stimulus,
)
from repgeom.figures.geometry_path import geometry_path, path_looks
from repgeom.figures.style import save_figure
from repgeom.store.rdms import read_rdms
from repgeom.store.tables import write_table
from repgeom.workflow.job import log, start

job = start(snakemake)
networks, options = job.params["networks"], job.params["options"]
comparison = options["comparison"]
groups = geometries(networks, list(map(read_rdms, job.input.rdms)), job.params["shown"], comparison)
for name, nodes in (item for group in groups for item in group.left_out.items()):
    log.warning("left out of the path of %s, all stimuli are alike there: %s", name, ", ".join(nodes))
g = groups[0]
points, stress = path_map(g)
write_table(job.output.table, map_table(g, points, stress), MAP_COLUMNS, job.provenance)

with_replicates = [(group, without_each_stimulus(group, comparison)) for group in groups]
numbers = [row for group, replicates in with_replicates for row in number_rows(group, replicates)]
numbers += mean_rows(with_replicates)
if job.params["compared"]:
    other = geometry(job.params["compared"], list(map(read_rdms, job.input.compared)), comparison)
    numbers.append(disparity_row(g, points, other))
write_table(job.output.numbers, pd.DataFrame(numbers), NUMBER_COLUMNS, job.provenance)

looks = path_looks(g.networks, job.params["names"]["models"])
figure = geometry_path(g.dissimilarity, points, stress, g.paths, looks, options["title"], comparison, g.left_out)
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
