"""The study's reference numbers beside ours."""

import pandas as pd

from repgeom.store.tables import read_table, write_table
from repgeom.studies.reproduction import DESCRIPTIONS, reproduction_table
from repgeom.studies.robustness.accuracy import accuracy_table, reproduced_quantities
from repgeom.workflow.job import start

job = start(snakemake)
n_standard = job.params["n_seeds"][0]
final = [read_table(path)["test_accuracy"].iloc[-1] for path in job.input.histories]
clean = {"standard": final[:n_standard], "adversarial": final[n_standard:]}
names = {"standard": job.params["standard"], "adversarial": job.params["adversarial"]}
ours = reproduced_quantities(accuracy_table(job.params["runs"], job.input.coordinates), clean, names)
table = reproduction_table("robustness", job.params["dataset"], ours, pd.DataFrame(job.params["references"]))
write_table(job.output.table, table, DESCRIPTIONS, job.provenance)
