"""The study's reference numbers beside ours, means over seeds."""

import pandas as pd

from repgeom.measures.uncertainty import mean_interval
from repgeom.store.tables import write_table
from repgeom.studies.learning_dynamics import REFERENCE, landmarks
from repgeom.studies.linear_runs import read_history
from repgeom.studies.reproduction import DESCRIPTIONS, reproduction_table
from repgeom.workflow.job import start

SOURCE = "Neuromatch Deep Learning W1D2 tutorial 3 (read off its figures)"

job = start(snakemake)
paths = zip(job.input.main, job.input.shark, job.input.slow, strict=True)
seeds = pd.DataFrame([landmarks(*map(read_history, files)) for files in paths])
ours = {name: mean_interval(seeds[name].dropna()) for name in REFERENCE if name in seeds}
dataset = "branching tree" if job.params["published"] else "branching tree, other parameters"
rows = [{"quantity": q, "dataset": "branching tree", "reference": v, "source": SOURCE} for q, v in REFERENCE.items()]
references = pd.DataFrame([row for row in rows if row["quantity"] in ours])
write_table(
    job.output.table, reproduction_table("learning_dynamics", dataset, ours, references), DESCRIPTIONS, job.provenance
)
