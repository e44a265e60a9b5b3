"""RDMs of networks on a page that shows both stimuli of a cell."""

from repgeom.analyses.images import class_names
from repgeom.analyses.rdms import nodes_over_time, ordered_by_class, row_titles
from repgeom.figures.pictures import as_pictures
from repgeom.measures.rdm import LABELS
from repgeom.pages.page import save_page
from repgeom.pages.rdms import Node, ShownNetwork, rdms_page
from repgeom.store.rdms import read_rdms
from repgeom.store.stimuli import read_stimuli
from repgeom.workflow.job import start

job = start(snakemake)
networks, options = job.params["networks"], job.params["options"]


def shown(title: str, network: dict, rdms_file: str, stimuli_file: str, original: str) -> ShownNetwork:
    """A network with its RDMs and stimuli, ordered by class."""
    rdms, stimuli = ordered_by_class(read_rdms(rdms_file)), read_stimuli(stimuli_file)
    place = {name: i for i, name in enumerate(stimuli.ids)}
    nodes = nodes_over_time(rdms, network["nodes"])
    return ShownNetwork(
        name=title,
        nodes=[Node(layer, time, rdms[node]) for node, layer, time in nodes],
        ids=list(rdms.ids),
        classes=class_names(original, rdms.labels),
        images=as_pictures(stimuli.images)[[place[name] for name in rdms.ids]],
    )


titles = row_titles(networks, job.params["names"])
files = zip(titles, networks, job.input.rdms, job.input.stimuli, job.input.originals, strict=True)
text = rdms_page([shown(*of) for of in files], LABELS[options["measure"]], options["title"] or "; ".join(titles))
save_page(job.output.page, text, job.provenance)
