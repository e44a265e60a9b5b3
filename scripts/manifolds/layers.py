"""Draw capacity, radius, dimension and centre correlation over layers, after training and for further models."""

from repgeom.figures.manifold_panels import over_nodes
from repgeom.figures.style import save_figure
from repgeom.store.tables import read_table
from repgeom.workflow.job import start

job = start(snakemake)
table = read_table(job.input.table)
save_figure(over_nodes(table, job.params["looks"]), job.output.pdf, job.output.png, provenance=job.provenance)
