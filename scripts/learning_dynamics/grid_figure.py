"""Draw the final loss over learning rates and initial scales."""

from repgeom.analyses.learning_dynamics import grid_table
from repgeom.figures.loss_grid import loss_grid
from repgeom.figures.style import save_figure
from repgeom.store.hdf5 import read_arrays
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
grid = read_arrays(job.input.grid)
loss, rates, gammas = grid["loss"], grid["learning_rates"], grid["gammas"]
columns = {"loss": "mean squared error; inf once the network has diverged"}
write_table(job.output.table, grid_table(loss, rates, gammas), columns, job.provenance)
save_figure(loss_grid(loss, rates, gammas), job.output.pdf, job.output.png, provenance=job.provenance)
