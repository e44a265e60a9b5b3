"""Compare what the deep and the shallow network learn with linear regression."""

import numpy as np

from repgeom.analyses.learning_dynamics import regression_table
from repgeom.analyses.linear_runs import features_of, read_history
from repgeom.figures.agreement import agreement_figure
from repgeom.figures.style import save_figure
from repgeom.measures.linear_dynamics import linear_regression
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
features = features_of(**job.params["options"])
runs = {"deep": read_history(job.input.main), "shallow": read_history(job.input.shallow)}
columns = {"largest_difference": "largest absolute difference of an entry of the map from W = YXᵀ(XXᵀ)⁻¹"}
write_table(job.output.table, regression_table(features, runs), columns, job.provenance)
exact = linear_regression(np.eye(len(features)), features)
figure = agreement_figure(exact, {name: run.solution for name, run in runs.items()})
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
