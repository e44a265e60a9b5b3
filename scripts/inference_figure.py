"""Similarity of networks to measured RDMs, node by node, beside the noise ceiling."""

import pandas as pd

from repgeom.analyses.inference import FITTED, INFERENCE_COLUMNS, SUBJECT_COLUMNS, groups, inference_table, subject_rows
from repgeom.analyses.naming import line_looks
from repgeom.figures.inference import COMPARISON_LABELS, inference_figure
from repgeom.figures.style import save_figure
from repgeom.store.hdf5 import read_arrays
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
networks, options = job.params["networks"], job.params["options"]
files = [read_arrays(path) for path in job.input.arrays]
table = inference_table(groups(networks, files), options["correction"], options["degrees"])
write_table(job.output.table, table, INFERENCE_COLUMNS, job.provenance)
write_table(job.output.numbers, pd.DataFrame(subject_rows(networks, files)), SUBJECT_COLUMNS, job.provenance)

lines, looks = line_looks(table, job.params["names"])
label = f"similarity to {job.params['data']}\n({COMPARISON_LABELS[options['comparison']]})"
figure = inference_figure(table.assign(line=lines), looks, label, list(FITTED.values()))
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
