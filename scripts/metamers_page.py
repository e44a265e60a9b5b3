"""Metamers as they come about, on a page that shows one at a time."""

import pandas as pd

from repgeom.analyses.images import class_names
from repgeom.analyses.metamers import metamer_rows
from repgeom.pages.metamers import ANSWERS, metamers_page
from repgeom.pages.page import save_page
from repgeom.store.hdf5 import read_arrays
from repgeom.store.stimuli import read_stimuli
from repgeom.workflow.job import start

job = start(snakemake)
content, others = read_arrays(job.input.metamers), read_stimuli(job.input.others)
nodes, snapshots = content.attributes["nodes"], content.attributes["snapshots"]
(network,), names = job.params["networks"], job.params["names"]
table = pd.DataFrame([row for node in nodes for row in metamer_rows(content, node, others)])
label, shown = names["models"][network["model"]]["label"], names["stimuli"][network["set"]]
about = f"{label}, seed {network['seed']}; originals: {shown}; held-out model: {job.params['options']['held_out']}."
known = table[list(ANSWERS)].stack().unique()
called = dict(zip(known, class_names(job.input.others, known), strict=True))
save_page(job.output.page, metamers_page(content.arrays, table, called, nodes, snapshots, about), job.provenance)
