"""Put every measured quantity of the study beside its published value."""

import pandas as pd

from repgeom.store.tables import read_table, write_table
from repgeom.studies.recurrence.summaries import (
    auxiliary_summary,
    decoding_summary,
    final_output,
    importance_summary,
    named_quantities,
)
from repgeom.studies.reproduction import DESCRIPTIONS, reproduction_table
from repgeom.workflow.job import start

job = start(snakemake)
decoding, perturbation = (pd.concat(map(read_table, job.input[name])) for name in ("decoding", "perturbation"))
summaries = [
    final_output(read_table(job.input.output), perturbation),
    decoding_summary(decoding),
    auxiliary_summary(decoding),
    importance_summary(perturbation),
]
references = pd.DataFrame(job.params["references"])
measured = named_quantities(summaries)
ours = {name: measured[name] for name in references["quantity"] if name in measured}
comparable = references[references["quantity"].isin(ours)]
table = reproduction_table("recurrence", job.params["dataset"], ours, comparable)
write_table(job.output.table, table, DESCRIPTIONS, job.provenance)
