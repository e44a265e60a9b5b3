"""Numbers of deep linear networks, means over seeds, beside the published ones."""

import pandas as pd

from repgeom.analyses.learning_dynamics import landmark_numbers, landmarks
from repgeom.analyses.linear_runs import read_history
from repgeom.analyses.reproduction import REPRODUCTION_COLUMNS, reproduction_table
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
runs = zip(job.input.main, job.input.shark, job.input.slow, strict=True)
ours = landmark_numbers([landmarks(*map(read_history, paths)) for paths in runs])
dataset = "branching tree" if job.params["published"] else "branching tree, other parameters"
table = reproduction_table("learning_dynamics", [(dataset, ours, False)], pd.DataFrame(job.params["references"]))
write_table(job.output.table, table, REPRODUCTION_COLUMNS, job.provenance)
