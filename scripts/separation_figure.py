"""Separation of classes, correlation with the labels and agreement of models, layer by layer."""

import pandas as pd

from repgeom.analyses.naming import line_looks
from repgeom.analyses.networks import join_networks
from repgeom.analyses.separation import POINT_COLUMNS, SEPARATION_COLUMNS, agreement_rows, separation_means
from repgeom.figures.layer_lines import layer_lines
from repgeom.figures.style import save_figure
from repgeom.measures.rdm import LABELS
from repgeom.store.rdms import read_rdms
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
networks, options = job.params["networks"], job.params["options"]
table = join_networks(networks, job.input.tables, text=("node",))
if options["agreement"]:
    rdms = [read_rdms(path) for path in job.input.rdms]
    rows = agreement_rows(networks, rdms, options["agreement"])
    table = pd.concat([table, pd.DataFrame(rows)], ignore_index=True)
write_table(job.output.table, table, SEPARATION_COLUMNS, job.provenance)

panels = {
    "separation": f"between − within\n{LABELS[options['measure']]}",
    "label_correlation": "correlation with\nlabel RDM (r)",
    "model_correlation": "correlation between\nmodels' RDMs (r)",
}
lines, looks = line_looks(table, job.params["names"])
shown = {name: label for name, label in panels.items() if name in set(table["quantity"])}
means = separation_means(table.assign(line=lines), ["line", "node"])
write_table(job.output.means, means, POINT_COLUMNS, job.provenance)
figure = layer_lines(means, shown, looks, list(dict.fromkeys(table["node"])))
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
