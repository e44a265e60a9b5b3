"""Show all results on one page; put it with all it links to into one file."""

import platform
from pathlib import Path

import yaml

from repgeom.pages.index import as_text, figure_card, index_page, merged_versions
from repgeom.pages.page import save_page
from repgeom.store.inspection import inspect
from repgeom.store.table_metadata import check_table, metadata_path
from repgeom.store.tables import read_table
from repgeom.store.zip import write_zip
from repgeom.workflow.costs import cost_of, machine
from repgeom.workflow.job import start
from repgeom.workflow.progress import duration
from repgeom.workflow.stored import as_in_folder

job = start(snakemake)
folder, shown = Path(job.output.page).parent, job.params["configuration"]


def beside(file: str) -> str:
    """A path relative to the page."""
    return Path(as_in_folder(file)).relative_to(Path(as_in_folder(job.output.page)).parent).as_posix()


studies: dict[str, list] = {}
for figure in job.params["figures"]:
    study, name = figure["analysis"].split("/")
    files = {kind: beside(file) for kind, file in figure["files"].items()}
    card = figure_card(folder, name, figure["title"], files, job.params["captions"][figure["kind"]])
    studies.setdefault(study, []).append(card)

reproduction = read_table(job.input.reproduction) if job.input.reproduction else None
tables = [file for file in job.input if file.endswith(".csv")]
provenances = [check_table(file) for file in tables]
for file in job.input:
    if file.endswith((".pdf", ".html")):
        inspect(file)
cost = cost_of((folder / "logs").rglob("*.log"))
made = {
    "time": f"{duration(cost.seconds)} of computing, in {cost.jobs} jobs",
    "largest memory": f"{cost.memory} MB",
    "machine": machine(),
    "Python": platform.python_version(),
    "libraries": merged_versions(provenances),
    "code": job.provenance.fingerprint,
}
configuration = {
    "own": shown["own"],
    "differences": [{key: as_text(value) for key, value in row.items()} for row in shown["differences"]],
    "text": yaml.safe_dump(shown["configuration"], sort_keys=False, allow_unicode=True, default_flow_style=None),
}
all_numbers = [*([job.input.reproduction] if reproduction is not None else []), *job.input.reproductions]
text = index_page(studies, reproduction, [beside(file) for file in all_numbers], configuration, made)
save_page(job.output.page, text, job.provenance)

described = [str(metadata_path(table)) for table in tables]
write_zip(job.output.share, folder, [job.output.page, *job.input, *described])
