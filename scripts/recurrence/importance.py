"""Draw the functional importance of recurrent flows of a model's networks."""

import pandas as pd

from repgeom.figures.recurrence import functional_importance
from repgeom.figures.style import save_figure
from repgeom.store.tables import read_table, write_table
from repgeom.studies.recurrence.summaries import SUMMARY_COLUMNS, importance_summary
from repgeom.workflow.job import start

job = start(snakemake)
table = pd.concat(map(read_table, job.input.tables))
published = pd.DataFrame(job.params["published"]) if job.params["published"] else None
summary = importance_summary(table)
write_table(job.output.table, summary, SUMMARY_COLUMNS, job.provenance)
save_figure(functional_importance(summary, published), job.output.pdf, job.output.png, provenance=job.provenance)
