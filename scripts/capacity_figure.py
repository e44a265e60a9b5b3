"""Capacity, radius, dimension and centre correlation over nodes, epochs or time."""

from repgeom.analyses.capacity import NODE_NAMES
from repgeom.analyses.capacity_lines import LINE_COLUMNS, POINT_COLUMNS, capacity_points, check_timesteps, what_bars_say
from repgeom.analyses.networks import join_networks
from repgeom.figures.capacity import over_epochs, over_nodes, over_time
from repgeom.figures.palette import model_colours
from repgeom.figures.style import save_figure
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
over = job.params["options"]["over"]
table = join_networks(job.params["networks"], job.input.tables, NODE_NAMES)
if over == "time":
    check_timesteps(table)
table["interval"] = what_bars_say(table)
write_table(job.output.table, table, LINE_COLUMNS, job.provenance)
draw = {"nodes": over_nodes, "epochs": over_epochs, "time": over_time}[over]
points = capacity_points(table, job.params["names"])
write_table(job.output.means, points, POINT_COLUMNS, job.provenance)
colours = model_colours(job.params["names"]["models"])
figure = draw(points.assign(colour=points["model"].map(colours)))
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
