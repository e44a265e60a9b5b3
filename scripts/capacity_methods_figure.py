"""Mean-field capacity beside what needs none of its assumptions."""

from repgeom.analyses.capacity import NODE_NAMES
from repgeom.analyses.capacity_method_points import POINT_COLUMNS, method_points
from repgeom.analyses.capacity_methods import METHOD_COLUMNS, beside_mean_field
from repgeom.analyses.networks import join_networks
from repgeom.figures.capacity_methods import capacities_compared
from repgeom.figures.style import save_figure
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
networks = job.params["networks"]
methods = join_networks(networks, job.input.methods, NODE_NAMES)
table = beside_mean_field(methods, join_networks(networks, job.input.mean_field, NODE_NAMES))
write_table(job.output.table, table, METHOD_COLUMNS, job.provenance)
points = method_points(table, job.params["names"])
write_table(job.output.means, points, POINT_COLUMNS, job.provenance)
save_figure(capacities_compared(points), job.output.pdf, job.output.png, provenance=job.provenance)
