"""The study's reference numbers beside ours, by the published method (reference mode)."""

import pandas as pd

from repgeom.store.coordinates import open_coordinates
from repgeom.store.stimuli import read_split
from repgeom.store.tables import read_table, write_table
from repgeom.studies.manifolds import REFERENCE_MODE, capacity_rows, reproduced_quantities, with_draws
from repgeom.studies.reproduction import DESCRIPTIONS, reproduction_table
from repgeom.workflow.job import start

job = start(snakemake)
with open_coordinates(job.input.coordinates) as file:
    layers = {node: file.read(node).centred for node in job.params["nodes"]}
    rows = capacity_rows(layers, file.stimuli.labels, job.params["capacity"] | REFERENCE_MODE, {})
n_test = len(read_split(job.input.dataset, "test"))
draws = read_table(job.input.draws)
references = with_draws(pd.DataFrame(job.params["references"]))
references = references[references["dataset"] == job.params["dataset"]]
ours = reproduced_quantities(pd.DataFrame(rows), draws, read_table(job.input.history), n_test, references)
references = references[references["quantity"].isin(ours)]
table = reproduction_table("manifolds", job.params["dataset"], ours, references)
write_table(job.output.table, table, DESCRIPTIONS, job.provenance)
