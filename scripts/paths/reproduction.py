"""Do the paths reach the labels? The study's statements as numbers with intervals."""

import pandas as pd

from repgeom.measures.embedding import procrustes_disparity
from repgeom.measures.uncertainty import mean_interval
from repgeom.store.rdms import read_rdms
from repgeom.store.tables import read_table, write_table
from repgeom.studies.geometry_paths import geometry, path_map, reach_table
from repgeom.studies.reproduction import DESCRIPTIONS, reproduction_table
from repgeom.workflow.job import start

job = start(snakemake)
ours = {}
for condition, models in job.params["reach"].items():
    files = dict(zip(models, map(read_rdms, job.input[condition]), strict=True))
    g = geometry(files, job.params["comparison"], job.params["resamples"], job.params["seed"])
    ours |= {f"{condition} images, {name}": value for name, value in reach_table(g).items()}

maps = {}
for size in ("few", "many"):
    files = dict(zip(job.params[size], map(read_rdms, job.input[size]), strict=True))
    maps[size] = path_map(geometry(files, job.params["comparison"], 1, job.params["seed"]))[0]
ours["Procrustes disparity of the paths on few and many images"] = (
    procrustes_disparity(maps["few"], maps["many"]),
    None,
    None,
)
accuracies = [read_table(path)["test_accuracy"].iloc[-1] for path in job.input.recurrent]
ours["clean accuracy of the recurrent model"] = mean_interval(accuracies)
table = reproduction_table("paths", job.params["dataset"], ours, pd.DataFrame(job.params["references"]))
write_table(job.output.table, table, DESCRIPTIONS, job.provenance)
