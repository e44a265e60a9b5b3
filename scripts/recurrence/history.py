"""Draw loss and accuracy of a model's networks over training."""

import pandas as pd

from repgeom.figures.history import history_figure
from repgeom.figures.style import save_figure
from repgeom.store.tables import read_table, write_table
from repgeom.training.history_columns import HISTORY_COLUMNS
from repgeom.workflow.job import start

job = start(snakemake)
networks = zip(job.params["seeds"], job.input.histories, strict=True)
table = pd.concat([read_table(path).assign(seed=seed) for seed, path in networks])
write_table(job.output.table, table, HISTORY_COLUMNS | {"seed": "of the network"}, job.provenance)
save_figure(history_figure(table), job.output.pdf, job.output.png, provenance=job.provenance)
