"""Draw the representational similarity matrix at some epochs; a page with a slider holds all of them."""

from repgeom.analyses.learning_dynamics import rsm_table
from repgeom.analyses.linear_runs import read_history, tree_of
from repgeom.datasets.tree import item_names
from repgeom.figures.rsm_panels import rsm_panels
from repgeom.figures.style import save_figure
from repgeom.pages.page import save_page
from repgeom.pages.rsm import rsm_page
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
tree, epochs, seed, features = (job.params["options"][name] for name in ("tree", "epochs", "seed", "features"))
history, names = read_history(job.input.main), item_names(tree_of(tree))
columns = {"similarity": "inner product of two items' hidden activations (HHᵀ)"}
write_table(job.output.table, rsm_table(history, names, epochs), columns, job.provenance)
save_figure(
    rsm_panels(history.rsm[epochs, 0], epochs, names), job.output.pdf, job.output.png, provenance=job.provenance
)
about = f"{len(names)} items with {features:,} features from a branching diffusion tree; seed {seed}."
save_page(job.output.page, rsm_page(history.rsm[:, 0], history.steps, history.loss, names, about), job.provenance)
