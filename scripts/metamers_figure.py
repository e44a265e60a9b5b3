"""Draw metamers as they come about, with pixel correlations, loss curves and what the models call them."""

import pandas as pd

from repgeom.analyses.images import class_names
from repgeom.analyses.metamers import METAMER_COLUMNS, POINT_COLUMNS, metamer_rows, summary, summary_table
from repgeom.analyses.networks import about
from repgeom.figures.metamers import metamers_figure
from repgeom.figures.style import save_figure
from repgeom.store.hdf5 import read_arrays
from repgeom.store.stimuli import read_stimuli
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
content = read_arrays(job.input.metamers)
nodes, snapshots = content.attributes["nodes"], content.attributes["snapshots"]
others = read_stimuli(job.input.others)
(network,) = job.params["networks"]
rows = [about(network) | row for node in nodes for row in metamer_rows(content, node, others)]
table = pd.DataFrame(rows)
write_table(job.output.table, table, METAMER_COLUMNS, job.provenance)
summaries = {node: summary(table[table["node"] == node]) for node in nodes}
write_table(job.output.means, summary_table(summaries), POINT_COLUMNS, job.provenance)
known = table[["label", "predicted", "held_out"]].stack().unique()
names = dict(zip(known, class_names(job.input.original, known), strict=True))
figure = metamers_figure(content.arrays, table, names, summaries, snapshots)
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
