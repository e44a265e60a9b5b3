"""Draw mean-field capacity beside what needs none of its assumptions."""

import pandas as pd

from repgeom.figures.manifold_panels import capacities_compared
from repgeom.figures.style import save_figure
from repgeom.store.tables import read_table, write_table
from repgeom.studies.manifolds import CAPACITY_COLUMNS, DIRECT_COLUMNS
from repgeom.workflow.job import start

job = start(snakemake)
keys = ["analysis", "epoch", "node"]
mean_field = pd.concat([read_table(path)[[*keys, "capacity", "capacity_se"]] for path in job.input.mean_field])
table = read_table(job.input.direct).merge(mean_field, on=keys, how="left", validate="one_to_one")
write_table(job.output.table, table, CAPACITY_COLUMNS | DIRECT_COLUMNS, job.provenance)
figure = capacities_compared(table, job.params["looks"])
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
