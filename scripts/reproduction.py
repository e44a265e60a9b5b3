"""Gather the reference numbers of all studies in one table."""

import pandas as pd

from repgeom.store.tables import read_table, write_table
from repgeom.studies.reproduction import DESCRIPTIONS
from repgeom.workflow.job import start

job = start(snakemake)
table = pd.concat([read_table(path) for path in job.input.tables], ignore_index=True)
write_table(job.output.table, table, DESCRIPTIONS, job.provenance)
