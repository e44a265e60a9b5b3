"""Draw how far manifold geometry depends on which images are taken."""

import pandas as pd

from repgeom.figures.manifold_panels import over_draws
from repgeom.figures.style import save_figure
from repgeom.store.tables import read_table
from repgeom.studies.manifolds import reference_values
from repgeom.workflow.job import start

job = start(snakemake)
table = read_table(job.input.table)
published = reference_values(pd.DataFrame(job.params["references"]), job.params["dataset"], table["node"].unique())
save_figure(over_draws(table, published), job.output.pdf, job.output.png, provenance=job.provenance)
