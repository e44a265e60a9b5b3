"""Draw the tree, the features it gives its items, and their one-hot labels."""

import pandas as pd

from repgeom.analyses.learning_dynamics import feature_table, label_table, node_table
from repgeom.analyses.linear_runs import features_of, tree_of
from repgeom.datasets.tree import item_names
from repgeom.figures.style import save_figure
from repgeom.figures.tree import tree_figure
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
data, seed = (job.params["options"][name] for name in ("data", "seed"))
tree = tree_of(data["tree"])
features, names = features_of(data, seed), item_names(tree)
shown = features[:, :100]
parts = {"nodes": node_table(tree), "features": feature_table(shown, names), "labels": label_table(names)}
table = pd.concat([part.assign(part=name) for name, part in parts.items()], ignore_index=True)
write_table(job.output.table, table, provenance=job.provenance)
save_figure(tree_figure(tree, shown, names), job.output.pdf, job.output.png, provenance=job.provenance)
