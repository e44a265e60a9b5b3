"""Ridge regression from the ratings of some images to those of others, at nodes of a network: figure, table, page."""

import pandas as pd

from repgeom.analyses.generalisation import GENERALISATION_COLUMNS, generalisation_rows
from repgeom.analyses.images import class_names
from repgeom.analyses.networks import about
from repgeom.figures.generalisation import generalisation_figure
from repgeom.figures.pictures import as_pictures
from repgeom.figures.style import save_figure
from repgeom.measures.generalisation import generalise
from repgeom.models.nodes import chosen_nodes
from repgeom.pages.generalisation import generalisation_page, ratings_by_class
from repgeom.pages.page import save_page
from repgeom.store.activations import open_activations
from repgeom.store.stimuli import read_stimuli
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
(network,), ridge = job.params["networks"], job.params["options"]["ridge"]
rated, new = read_stimuli(job.input.rated_stimuli[0]), read_stimuli(job.input.new_stimuli[0])
with open_activations(job.input.rated[0]) as a, open_activations(job.input.new[0]) as b:
    chosen = chosen_nodes(network["nodes"], b.nodes, b.path)
    nodes = {node: generalise(a.read(node), b.read(node), ridge) for node in chosen_nodes(chosen, a.nodes, a.path)}

rows = [row for node, found in nodes.items() for row in generalisation_rows(node, found, rated.ids, new.ids)]
table = pd.DataFrame(about(network) | row for row in rows)
write_table(job.output.table, table, GENERALISATION_COLUMNS, job.provenance)
images = as_pictures(rated.images), as_pictures(new.images)
save_figure(generalisation_figure(nodes, *images), job.output.pdf, job.output.png, provenance=job.provenance)
name, shown = (job.params["names"][kind][network[key]] for kind, key in (("models", "model"), ("stimuli", "set")))
network_shown = (
    f"{name['label']}, seed {network['seed']}; ratings of {job.params['options']['rated']} predict those of {shown}."
)
files = job.input.rated_stimuli[0], job.input.new_stimuli[0]
called = [class_names(file, stimuli.labels) for file, stimuli in zip(files, (rated, new), strict=True)]
text = generalisation_page(nodes, *images, called, ratings_by_class(rated.labels), network_shown)
save_page(job.output.page, text, job.provenance)
