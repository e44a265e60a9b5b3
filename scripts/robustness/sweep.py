"""Accuracy and geometry against the strength of the attack."""

import pandas as pd

from repgeom.figures.epsilon_sweep import epsilon_sweep
from repgeom.figures.style import save_figure
from repgeom.store.coordinates import open_coordinates
from repgeom.store.tables import write_table
from repgeom.studies.robustness.runs import Run
from repgeom.studies.robustness.sweep import SWEEP_COLUMNS, sweep_rows
from repgeom.studies.seeds import over_seeds
from repgeom.workflow.job import start
from repgeom.workflow.progress import track

job = start(snakemake)
rows = []
files = list(zip(job.params["runs"], job.input.coordinates, strict=True))
for run, path in track(files, "sweep", unit="networks"):
    with open_coordinates(path) as file:
        coordinates = {node: file.read(node) for node in job.params["nodes"]}
        rows += sweep_rows(Run(**run), file.stimuli, coordinates, job.params["measure"])

table = pd.DataFrame(rows)
write_table(job.output.table, table, SWEEP_COLUMNS, job.provenance)
means = over_seeds(table, ["attack", "model", "epsilon", "quantity", "node"])
figure = epsilon_sweep(means, job.params["models"], job.params["attacks"], job.params["nodes"])
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
