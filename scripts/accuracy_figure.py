"""Accuracy of networks on the stimuli that they are shown."""

from repgeom.analyses.accuracy import ACCURACY_COLUMNS, accuracy_table
from repgeom.analyses.naming import line_looks
from repgeom.figures.accuracy import accuracy_figure
from repgeom.figures.style import save_figure
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
names = job.params["names"]
table = accuracy_table(job.params["networks"], job.input.coordinates, job.params["classes"])
write_table(job.output.table, table, ACCURACY_COLUMNS, job.provenance)
lines, looks = line_looks(table, names, by=("model", "epoch"))
figure = accuracy_figure(table.assign(line=lines), looks, names["stimuli"])
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
