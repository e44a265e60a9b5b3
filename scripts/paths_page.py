"""Paths of networks through the space of geometries, on a page that shows the RDM of every node."""

from repgeom.analyses.naming import network_labels
from repgeom.analyses.paths import geometries, path_map
from repgeom.figures.palette import model_colours
from repgeom.pages.page import save_page
from repgeom.pages.paths import paths_page
from repgeom.store.rdms import read_rdms
from repgeom.workflow.job import start

job = start(snakemake)
networks, names, options = (job.params[name] for name in ("networks", "names", "options"))
comparison = options["comparison"]
g = geometries(networks, list(map(read_rdms, job.input.rdms)), job.params["shown"], comparison)[0]
points, stress = path_map(g)
labels = network_labels(list(g.networks.values()), names)
colours = model_colours(names["models"])
looks = {
    path: {"label": label, "colour": colours[network["model"]]}
    for (path, network), label in zip(g.networks.items(), labels, strict=True)
}
about = f"{options['title'] or '; '.join(labels)}; {len(g.classes)} stimuli; Stress-1 of the map {stress:.3f}."
measure = f"1 − {comparison} similarity of euclidean RDMs"
save_page(
    job.output.page, paths_page(g.paths, points, g.dissimilarity, g.classes, looks, measure, about), job.provenance
)
