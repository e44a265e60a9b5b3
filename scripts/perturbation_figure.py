"""Draw the functional importance of recurrent flows of a model's networks."""

import pandas as pd

from repgeom.analyses.networks import join_networks
from repgeom.analyses.perturbation import IMPORTANCE_COLUMNS, importance_summary, unperturbed_summary
from repgeom.figures.perturbation import functional_importance
from repgeom.figures.style import save_figure
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
published = pd.DataFrame(job.params["published"]) if job.params["published"] else None
table = join_networks(job.params["networks"], job.input.tables)
importance = importance_summary(table)
both = pd.concat([importance, unperturbed_summary(table)], ignore_index=True)
write_table(job.output.table, both, IMPORTANCE_COLUMNS, job.provenance)
save_figure(functional_importance(importance, published), job.output.pdf, job.output.png, provenance=job.provenance)
