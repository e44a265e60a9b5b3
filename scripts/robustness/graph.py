"""Draw the graph of the network."""

import pandas as pd

from repgeom.figures.network_graph import network_graph
from repgeom.figures.style import save_figure
from repgeom.store.coordinates import open_coordinates
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
with open_coordinates(job.input.coordinates) as coordinates:
    nodes = coordinates.nodes
rows = [
    {"node": name, "module": n["module"], "timestep": n["timestep"], "inputs": " ".join(n["inputs"]),
     "shape": "x".join(map(str, n["shape"]))}
    for name, n in nodes.items()
]  # fmt: skip
write_table(job.output.table, pd.DataFrame(rows), provenance=job.provenance)
save_figure(network_graph(nodes), job.output.pdf, job.output.png, provenance=job.provenance)
