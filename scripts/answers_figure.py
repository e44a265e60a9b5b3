"""Draw images, and how many of them networks name correctly."""

from repgeom.analyses.answers import SHARE_COLUMNS, answer_columns, answer_table, as_words, reported, shares_correct
from repgeom.analyses.images import class_names
from repgeom.analyses.naming import network_labels, network_names
from repgeom.figures.image_grids import Grid, image_grids
from repgeom.figures.style import save_figure
from repgeom.store.stimuli import read_stimuli
from repgeom.store.tables import write_table
from repgeom.workflow.job import start

job = start(snakemake)
networks, shown = job.params["networks"], job.params["titles"]
names, labels = network_names(networks), network_labels(networks, job.params["names"])
sets = {title: read_stimuli(path) for title, path in dict(zip(shown, job.input.stimuli, strict=True)).items()}
answers = [reported(path, sets[title].ids) for title, path in zip(shown, job.input.coordinates, strict=True)]
table = answer_table(sets, shown, names, answers)
write_table(job.output.table, table, answer_columns(names), job.provenance)
shares = shares_correct(table, shown, names)
write_table(job.output.means, shares, SHARE_COLUMNS, job.provenance)

originals = dict(zip(shown, job.input.originals, strict=True))
grids = {}
for title, stimuli in sets.items():
    asked = [
        (label, share) for label, (_, share) in zip(labels, shares.iterrows(), strict=True) if share["images"] == title
    ]
    lines = [title, *(f"{label}: {as_words(share)}" for label, share in asked)]
    grids["\n".join(lines)] = Grid(stimuli.images, class_names(originals[title], stimuli.labels))
figure = image_grids(grids, job.params["options"]["columns"])
save_figure(figure, job.output.pdf, job.output.png, provenance=job.provenance)
