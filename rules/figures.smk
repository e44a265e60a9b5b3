# What is drawn of any networks, kind by kind: what a figure reads, and where it differs from the others. templates.smk
# makes a rule of each. Which further tables and pages belong to a kind, its section of the configuration says.
#   results/figures/{study}/{analysis}.pdf, .png
#   results/tables/{study}/{analysis}.csv             the data behind each

from repgeom.workflow.references import references_of_dataset

FIGURES = {
    "accuracy": dict(
        input=dict(
            coordinates=ANALYSIS.files(artifacts.COORDINATES),
            originals=ANALYSIS.originals,
        ),
        params=dict(classes=ANALYSIS.classes),
    ),
    "answers": dict(
        input=dict(
            stimuli=ANALYSIS.stimuli,
            originals=ANALYSIS.originals,
            coordinates=ANALYSIS.files(artifacts.COORDINATES),
        ),
        params=dict(titles=ANALYSIS.titles),
    ),
    "auxiliary_decoding": dict(
        input=dict(tables=ANALYSIS.measures("decoding")),
        params=dict(published=ANALYSIS.published),
    ),
    "canvas_gallery": dict(
        input=dict(datasets=ANALYSIS.domains),
        params=dict(canvases=ANALYSIS.canvases),
    ),
    "capacity": dict(input=dict(tables=ANALYSIS.measures("capacity"))),
    "capacity_draws": dict(
        input=dict(tables=ANALYSIS.measures("capacity_draws")),
        params=dict(
            dataset=ANALYSIS.images,
            references=lambda w: references_of_dataset(
                ROOT, "manifolds", ANALYSIS.images(w)
            ),
        ),
    ),
    "capacity_methods": dict(
        input=dict(
            methods=ANALYSIS.measures("capacity_methods"),
            mean_field=ANALYSIS.measures("capacity"),
        )
    ),
    "connections": dict(
        input=dict(user=ANALYSIS.user_files),
        params=builds_networks("connections_figure.py"),
    ),
    "decoding": dict(
        input=dict(tables=ANALYSIS.measures("decoding")),
        params=dict(published=ANALYSIS.published),
    ),
    "embeddings": dict(
        input=dict(
            tables=ANALYSIS.measures("embeddings"), original=first(ANALYSIS.originals)
        )
    ),
    "encoding": dict(
        input=dict(tables=ANALYSIS.measures("encoding")),
        params=dict(data=ANALYSIS.data_label),
    ),
    "examples": dict(
        input=dict(
            stimuli=first(ANALYSIS.stimuli),
            original=first(ANALYSIS.originals),
            coordinates=first(ANALYSIS.files(artifacts.COORDINATES)),
        )
    ),
    "feature_maps": dict(
        input=dict(
            weights=first(ANALYSIS.files(artifacts.WEIGHTS)),
            stimuli=first(ANALYSIS.stimuli),
            original=first(ANALYSIS.originals),
            user=ANALYSIS.user_files,
        ),
        resources=dict(gpu=GPU, mem_mb=grow(2000)),
        params=builds_networks("feature_maps_figure.py"),
        group="feature_maps",
    ),
    "filters": dict(input=dict(weights=first(ANALYSIS.files(artifacts.WEIGHTS)))),
    "generalisation": dict(
        input=dict(
            new=ANALYSIS.files(artifacts.ACTIVATIONS),
            rated=ANALYSIS.rated_activations,
            new_stimuli=ANALYSIS.stimuli,
            rated_stimuli=ANALYSIS.rated_stimuli,
        ),
        output=dict(page=artifacts.PAGE),
    ),
    "graph": dict(input=dict(coordinates=first(ANALYSIS.files(artifacts.COORDINATES)))),
    "history": dict(input=dict(histories=ANALYSIS.files(artifacts.HISTORY))),
    "images": dict(
        input=dict(stimuli=ANALYSIS.stimuli, originals=ANALYSIS.originals),
        params=dict(titles=ANALYSIS.titles),
    ),
    "inference": dict(
        input=dict(arrays=ANALYSIS.measures("inference", artifacts.INFERENCE)),
        params=dict(data=ANALYSIS.data_label),
    ),
    "input_maps": dict(
        input=dict(
            stimuli=ANALYSIS.stimuli, activations=ANALYSIS.files(artifacts.ACTIVATIONS)
        )
    ),
    "metamers": dict(
        input=dict(
            metamers=first(ANALYSIS.measures("metamers", artifacts.METAMERS)),
            others=first(ANALYSIS.other_stimuli),
            original=first(ANALYSIS.originals),
        )
    ),
    "paths": dict(
        input=dict(
            rdms=ANALYSIS.files(artifacts.RDMS, measure="euclidean"),
            compared=ANALYSIS.compared_rdms,
            stimuli=ANALYSIS.stimuli,
            originals=ANALYSIS.originals,
        ),
        resources=dict(mem_mb=grow(3000), runtime=grow(60)),
        params=dict(
            compared=ANALYSIS.compared,
            shown=ANALYSIS.stimuli,
        ),
    ),
    "perturbation": dict(
        input=dict(tables=ANALYSIS.measures("perturbation")),
        params=dict(published=ANALYSIS.published),
    ),
    "rdms": dict(
        input=dict(
            rdms=ANALYSIS.rdms, stimuli=ANALYSIS.stimuli, originals=ANALYSIS.originals
        )
    ),
    "readout": dict(
        input=dict(activations=ANALYSIS.files(artifacts.ACTIVATIONS)),
        params=dict(published=ANALYSIS.published),
    ),
    "separation": dict(
        input=dict(
            tables=ANALYSIS.measures("separation"),
            rdms=ANALYSIS.rdms_of_agreement,
        )
    ),
    "similarity": dict(
        input=dict(coordinates=ANALYSIS.files(artifacts.COORDINATES)),
        resources=dict(mem_mb=grow(4000), runtime=grow(60)),
    ),
    "spectrum": dict(
        input=dict(
            coordinates=ANALYSIS.files(artifacts.COORDINATES),
            original=first(ANALYSIS.originals),
        )
    ),
    "sweep": dict(
        input=dict(tables=ANALYSIS.measures("sweep")),
        params=dict(changed=ANALYSIS.changed),
    ),
}
