"""RDMs of networks: nodes side by side, or every layer over time."""

import pandas as pd

from repgeom.analyses.images import shown_images
from repgeom.analyses.networks import about
from repgeom.analyses.rdms import (
    TIME_COLUMNS,
    node_row,
    ordered_by_class,
    pairs_table,
    row_titles,
    rows_over_time,
    time_rows,
)
from repgeom.figures.rdm_panels import rdm_panels
from repgeom.figures.stimulus_axis import StimulusAxis
from repgeom.figures.style import save_figure
from repgeom.measures.rdm import LABELS
from repgeom.store.rdms import read_rdms
from repgeom.store.tables import DIGITS, FEW_DIGITS, write_table
from repgeom.workflow.job import start

job = start(snakemake)
networks, options = job.params["networks"], job.params["options"]
files = [ordered_by_class(read_rdms(path)) for path in job.input.rdms]
first, nodes = files[0], networks[0]["nodes"]
if options["over"] == "time":
    rows = rows_over_time(first, nodes)
    table = pd.DataFrame(about(networks[0]) | row for row in time_rows(first, nodes))
    stimuli = [0] * len(rows)
else:
    rows = {
        title: node_row(rdms, network["nodes"], labels=options["labels"] and rdms is first)
        for title, network, rdms in zip(row_titles(networks, job.params["names"]), networks, files, strict=True)
    }
    table = pairs_table(zip(rows, [rdms.ids for rdms in files], rows.values(), strict=True))
    stimuli = range(len(files))
digits = DIGITS if options["over"] == "time" else FEW_DIGITS
write_table(job.output.table, table, TIME_COLUMNS, job.provenance, digits)
shown = [
    StimulusAxis(rdms.labels, *shown_images(*paths, rdms.ids))
    for rdms, *paths in zip(files, job.input.stimuli, job.input.originals, strict=True)
]
figure = rdm_panels(rows, [shown[i] for i in stimuli], LABELS[options["measure"]])
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
