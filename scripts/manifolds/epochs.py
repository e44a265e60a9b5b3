"""Draw capacity, radius, dimension and centre correlation of every layer over training."""

from repgeom.figures.manifold_panels import over_epochs
from repgeom.figures.style import save_figure
from repgeom.store.tables import read_table
from repgeom.workflow.job import start

job = start(snakemake)
save_figure(over_epochs(read_table(job.input.table)), job.output.pdf, job.output.png, provenance=job.provenance)
