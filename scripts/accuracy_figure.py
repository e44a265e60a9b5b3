"""Accuracy of networks on the stimuli that they are shown."""

from repgeom.analyses.accuracy import ACCURACY_COLUMNS, accuracy_table, known_classes
from repgeom.analyses.naming import line_looks
from repgeom.figures.accuracy import accuracy_figure
from repgeom.figures.style import save_figure
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
names, networks = job.params["names"], job.params["networks"]
classes = known_classes(networks, job.input.originals, job.params["classes"])
table = accuracy_table(networks, job.input.coordinates, classes)
write_table(job.output.table, table, ACCURACY_COLUMNS, job.provenance)
lines, looks = line_looks(table, names, by=("model", "epoch"))
figure = accuracy_figure(table.assign(line=lines), looks, names["stimuli"])
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
