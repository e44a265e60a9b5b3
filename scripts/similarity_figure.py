"""How alike nodes of networks are: matrix, tree and map."""

import pandas as pd

from repgeom.analyses.naming import network_labels
from repgeom.analyses.similarity import (
    SIMILARITY_COLUMNS,
    SPREAD_COLUMNS,
    Item,
    compare_nodes,
    similarity_rows,
    spread_table,
    tree,
)
from repgeom.figures.similarity import similarity_figure
from repgeom.figures.style import save_figure
from repgeom.measures.comparison import check_same_ids
from repgeom.measures.embedding import metric_mds
from repgeom.models.nodes import chosen_nodes
from repgeom.store.coordinates import open_coordinates
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
networks, options, names = job.params["networks"], job.params["options"], job.params["names"]
several = len({network["set"] for network in networks}) > 1
items, first = [], None
for network, label, path in zip(networks, network_labels(networks, names), job.input.coordinates, strict=True):
    label += f", {names['stimuli'][network['set']]}" if several else ""
    with open_coordinates(path) as file:
        first = file.stimuli.ids if first is None else first
        check_same_ids(first, file.stimuli.ids, f"{job.input.coordinates[0]} and {path}")
        nodes = chosen_nodes(network["nodes"], file.nodes, path)
        items += [Item(network, label, node, file.read(node)) for node in nodes]

compared = compare_nodes(items, options)
dissimilarity = compared.dissimilarity
table = pd.DataFrame(similarity_rows(items, compared), columns=list(SIMILARITY_COLUMNS))
spread = spread_table(items, dissimilarity)
write_table(job.output.table, table, SIMILARITY_COLUMNS, job.provenance)
write_table(job.output.numbers, spread, SPREAD_COLUMNS, job.provenance)
figure = similarity_figure(
    [(item.network["model"], item.label, item.node) for item in items],
    compared.estimate.value,
    tree(dissimilarity),
    metric_mds(dissimilarity),
    spread,
    names["models"],
    options,
)
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
