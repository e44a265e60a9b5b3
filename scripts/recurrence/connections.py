"""The connections of a recurrent network: inventory and drawing."""

import pandas as pd

from repgeom.figures.connections import connections_figure
from repgeom.figures.style import save_figure
from repgeom.models.architectures import build_network
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

COLUMNS = {
    "module": "name of its parameters in the weights",
    "kind": "bottom-up, lateral, top-down or readout",
    "modulation": "drive, bias or gain",
    "kernel": "height × width in px; empty for linear maps",
    "stride": "in px; empty for linear maps",
    "source_shape": "channels × height × width",
    "target_shape": "channels × height × width",
    "n_parameters": "weights and biases",
}

job = start(snakemake)
network = build_network(job.params["network"]["architecture"], job.params["network"]["options"], seed=0)
rows = [
    {name: " × ".join(map(str, value)) if isinstance(value, tuple) else value for name, value in c._asdict().items()}
    for c in network.connections()
]
table = pd.DataFrame(rows)
write_table(job.output.table, table, COLUMNS, job.provenance)
save_figure(connections_figure(table, network.layers), job.output.pdf, job.output.png, provenance=job.provenance)
