"""Decode the target's properties from every layer and flow of one network, in all repetitions."""

import pandas as pd

from repgeom.store.coordinates import open_coordinates
from repgeom.store.tables import write_table
from repgeom.studies.recurrence import DECODING_COLUMNS, decoding_rows
from repgeom.workflow.job import start
from repgeom.workflow.progress import track

job = start(snakemake)
rows = []
for context, path in track(
    list(zip(job.params["runs"], job.input.coordinates, strict=True)), "decoding", unit="stimulus sets"
):
    with open_coordinates(path) as file:
        rows += decoding_rows(
            file.nodes, lambda node, f=file: f.read(node).uncentred, file.stimuli, job.params["fit"], context
        )
write_table(job.output.table, pd.DataFrame(rows), DECODING_COLUMNS, job.provenance)
