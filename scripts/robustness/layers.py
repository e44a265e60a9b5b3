"""Class separation, correlation with the labels, and agreement of the two networks, layer by layer."""

from repgeom.figures.layer_lines import Line, layer_lines
from repgeom.figures.style import save_figure
from repgeom.store.rdms import read_rdms
from repgeom.store.tables import write_table
from repgeom.studies.robustness.layers import LAYER_COLUMNS, layer_table
from repgeom.studies.robustness.runs import Run
from repgeom.studies.seeds import over_seeds
from repgeom.workflow.job import start

job = start(snakemake)
runs = [(Run(**run), read_rdms(path)) for run, path in zip(job.params["runs"], job.input.rdms, strict=True)]
nodes = job.params["nodes"]
table = layer_table(runs, nodes, job.params["standard"], job.params["adversarial"])
write_table(job.output.table, table, LAYER_COLUMNS, job.provenance)

panels = {
    "separation": "between − within\n(1 − r)",
    "label_correlation": "correlation with\nlabel RDM (r)",
    "model_correlation": "correlation between\nmodels' RDMs (r)",
}
lines = {name: Line(**look) for name, look in job.params["lines"].items()}
figure = layer_lines(over_seeds(table, ["quantity", "condition", "node"]), panels, lines, nodes)
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
