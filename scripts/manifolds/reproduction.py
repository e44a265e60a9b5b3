"""The study's reference numbers beside ours, by the published method (reference mode)."""

import pandas as pd

from repgeom.store.coordinates import open_coordinates
from repgeom.store.tables import read_table, write_table
from repgeom.studies.manifolds import capacity_rows, reproduced_quantities
from repgeom.studies.reproduction import DESCRIPTIONS, reproduction_table
from repgeom.workflow.job import start

job = start(snakemake)
options = job.params["capacity"] | {"k": "reference", "dim": "reference"}
with open_coordinates(job.input.coordinates) as file:
    layers = {node: file.read(node).centred for node in job.params["nodes"]}
    rows = capacity_rows(layers, file.stimuli.labels, options, {})
ours = reproduced_quantities(pd.DataFrame(rows), read_table(job.input.history))
references = pd.DataFrame(job.params["references"])
references = references[references["quantity"].isin(ours)]
table = reproduction_table("manifolds", job.params["dataset"], ours, references)
write_table(job.output.table, table, DESCRIPTIONS, job.provenance)
