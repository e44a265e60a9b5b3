"""Gather the numbers of all studies beside the published ones."""

import pandas as pd

from repgeom.analyses.reproduction import REPRODUCTION_COLUMNS
from repgeom.store.tables import read_table, write_table
from repgeom.workflow.job import start

job = start(snakemake)
table = pd.concat([read_table(path) for path in job.input.tables], ignore_index=True)
write_table(job.output.table, table, REPRODUCTION_COLUMNS, job.provenance)
