"""Draw what can be decoded from layers and flows of a model's networks, over time."""

import pandas as pd

from repgeom.figures.recurrence import auxiliary_decoding, decoding_over_time, flow_decoding
from repgeom.figures.style import save_figure
from repgeom.store.tables import read_table, write_table
from repgeom.studies.recurrence.summaries import SUMMARY_COLUMNS, auxiliary_summary, decoding_summary
from repgeom.workflow.job import start

job = start(snakemake)
table = pd.concat(map(read_table, job.input.tables))
published = pd.DataFrame(job.params["published"]) if job.params["published"] else None
decoding, auxiliary = decoding_summary(table), auxiliary_summary(table)
flows = decoding[decoding["modulation"] != ""]
layers = decoding[decoding["modulation"] == ""]
chances = dict(zip(table["variable"], table["chance"], strict=True))
figures = {
    "auxiliary": (auxiliary, auxiliary_decoding(auxiliary, published)),
    "decoding": (layers, decoding_over_time(layers, chances, published)),
    "flow_decoding": (flows, flow_decoding(flows, chances, list(dict.fromkeys(layers["layer"])), published)),
}
for name, (summary, figure) in figures.items():
    write_table(job.output[f"{name}_table"], summary, SUMMARY_COLUMNS, job.provenance)
    save_figure(figure, job.output[f"{name}_pdf"], job.output[f"{name}_png"], provenance=job.provenance)
