"""Decode the target's properties from every layer and flow of one network, for one set of canvases."""

import pandas as pd

from repgeom.store.coordinates import open_coordinates
from repgeom.store.tables import write_table
from repgeom.studies.recurrence.decoding import DECODING_COLUMNS, decoding_rows
from repgeom.workflow.job import start
from repgeom.workflow.progress import track

job = start(snakemake)
with open_coordinates(job.input.coordinates) as file:
    nodes = file.nodes
    table = pd.DataFrame(
        row
        for name in track(nodes, "decoding", unit="nodes")
        for row in decoding_rows(
            {name: nodes[name]},
            lambda node: file.read(node).uncentred,
            file.stimuli,
            job.params["fit"],
            job.params["shown"],
        )
    )
write_table(job.output.table, table, DECODING_COLUMNS, job.provenance)
