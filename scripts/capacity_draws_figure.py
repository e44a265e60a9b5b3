"""How far manifold geometry depends on which images are taken."""

import pandas as pd

from repgeom.analyses.capacity import NODE_NAMES
from repgeom.analyses.capacity_draw_medians import POINT_COLUMNS, draw_medians
from repgeom.analyses.capacity_draws import DRAW_COLUMNS
from repgeom.analyses.networks import join_networks
from repgeom.analyses.reproduction import reference_values
from repgeom.figures.capacity_draws import over_draws
from repgeom.figures.style import save_figure
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
table = join_networks(job.params["networks"], job.input.tables, NODE_NAMES)
write_table(job.output.table, table, DRAW_COLUMNS, job.provenance)
write_table(job.output.means, draw_medians(table), POINT_COLUMNS, job.provenance)
references = pd.DataFrame(job.params["references"], columns=["quantity", "dataset", "reference", "source"])
published = reference_values(references, job.params["dataset"], table["node"].unique())
save_figure(over_draws(table, published), job.output.pdf, job.output.png, provenance=job.provenance)
