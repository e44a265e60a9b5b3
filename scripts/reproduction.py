"""Put numbers of a study's analyses beside the published ones."""

import pandas as pd

from repgeom.analyses.references import NAMES, named_numbers
from repgeom.analyses.reproduction import REPRODUCTION_COLUMNS, reproduction_table
from repgeom.store.tables import read_table, write_table
from repgeom.workflow.job import start

job = start(snakemake)
parts = [
    (about["dataset"], named_numbers(read_table(path, NAMES), about), about["every"])
    for about, path in zip(job.params["numbers"], job.input.tables, strict=True)
]
table = reproduction_table(job.params["study"], parts, pd.DataFrame(job.params["references"]))
write_table(job.output.table, table, REPRODUCTION_COLUMNS, job.provenance)
