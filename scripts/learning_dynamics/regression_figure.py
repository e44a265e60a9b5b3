"""Compare what the deep and the shallow network learn with linear regression."""

from repgeom.analyses.learning_dynamics import regression_table
from repgeom.analyses.linear_runs import features_of, read_history
from repgeom.figures.agreement import agreement_figure
from repgeom.figures.style import save_figure
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

COLUMNS = {
    "share": "of the entries of the map, those nearest to W = YXᵀ(XXᵀ)⁻¹",
    "difference": "largest absolute difference among them",
}

job = start(snakemake)
features = features_of(**job.params["options"])
runs = {"deep": read_history(job.input.main), "shallow": read_history(job.input.shallow)}
table = regression_table(features, runs)
write_table(job.output.table, table, COLUMNS, job.provenance)
save_figure(agreement_figure(table), job.output.pdf, job.output.png, provenance=job.provenance)
