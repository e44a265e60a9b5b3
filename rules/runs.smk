# Runs: networks that are shown stimuli; and the runs that each study looks at.


def descriptors(w):
    """What an artifact of one network and stimulus set is about."""
    return {"model": w.model, "seed": w.seed, "epoch": w.epoch, "stimuli": w.stimuli}


def files(template, runs, **fixed):
    """One file per run; a run names a model, a seed and a stimulus set."""
    return [
        template.format(
            model=r["model"],
            seed=r["seed"],
            stimuli=r["stimuli"],
            epoch=paths.LAST,
            **fixed,
        )
        for r in runs
    ]


def first_seeds(runs):
    """The runs of each model's first seed."""
    return [r for r in runs if r["seed"] == CONFIG.models[r["model"]].seeds[0]]


def shown_runs(sections):
    """Models that are shown stimuli, with their first seeds, as runs."""
    return [
        {
            "model": s.model,
            "seed": CONFIG.models[s.model].seeds[0],
            "stimuli": s.stimuli,
        }
        for s in sections
    ]


def path_files(path):
    """The RDMs of all members of a geometry path."""
    return files(
        paths.RDMS, shown_runs(STUDIES.paths.paths[path].members), measure="euclidean"
    )


def path_models(path):
    """The models of a geometry path."""
    return [member.model for member in STUDIES.paths.paths[path].members]


def manifold_analyses():
    """Name of each manifold analysis over layers → its model, stimuli and nodes."""
    study = STUDIES.manifolds
    main = {"model": study.model, "stimuli": study.clouds, "nodes": study.nodes}
    return {study.model: main} | {
        name: further.plain() for name, further in study.further.items()
    }


def manifold_layer_files(names):
    """The coordinates behind manifold analyses over layers, by name: first seeds, last epoch."""
    found = [manifold_analyses()[name] for name in names]
    seeds = [{"seed": CONFIG.models[f["model"]].seeds[0]} for f in found]
    return files(paths.COORDINATES, [f | s for f, s in zip(found, seeds)])


def manifold_layer_runs(names):
    """What is analysed in each of these files."""
    return [
        {
            "nodes": manifold_analyses()[name]["nodes"],
            "context": {"analysis": name, "epoch": None},
        }
        for name in names
    ]


def manifold_epoch_files(epochs):
    """The coordinates of the study's model after so many epochs."""
    study = STUDIES.manifolds
    return [
        paths.COORDINATES.format(
            model=study.model,
            seed=CONFIG.models[study.model].seeds[0],
            stimuli=study.clouds,
            epoch=f"epoch{epoch:03d}",
        )
        for epoch in epochs
    ]


def manifold_epoch_runs(epochs):
    """What is analysed in each of these files."""
    study = STUDIES.manifolds
    return [
        {"nodes": study.nodes, "context": {"analysis": study.model, "epoch": epoch}}
        for epoch in epochs
    ]


def manifold_looks():
    """Label and colour of each manifold analysis."""
    return {
        name: looks([found["model"]])[found["model"]]
        for name, found in manifold_analyses().items()
    }


def per_model(template):
    """One file for each model of the study recurrence."""
    return [template.format(model=model) for model in STUDIES.recurrence.models]


def per_network(template, models=None):
    """One file for each network, a model and a seed, of the study recurrence."""
    return [
        template.format(model=model, seed=seed)
        for model in models or STUDIES.recurrence.models
        for seed in CONFIG.models[model].seeds
    ]


def canvas_runs(model, seeds=None):
    """What networks of a model are shown: cluttered and clean canvases, in all repetitions."""
    study = STUDIES.recurrence
    return [
        {
            "model": model,
            "seed": seed,
            "stimuli": repetition_name(getattr(study, version), number),
            "version": version,
            "repetition": number,
        }
        for seed in seeds or CONFIG.models[model].seeds
        for version in ("cluttered", "clean")
        for number in range(1, study.decoding.repetitions + 1)
    ]


def first_network(model):
    """The first network of a model, shown the first cluttered canvases."""
    return canvas_runs(model, CONFIG.models[model].seeds[:1])[:1]


def repetitions(runs):
    """How tables name what networks are shown."""
    return [
        {"seed": r["seed"], "stimuli": r["version"], "repetition": r["repetition"]}
        for r in runs
    ]


def shown_canvases(model, seed, stimuli):
    """How tables name one stimulus set that a network is shown."""
    runs = canvas_runs(model, [seed])
    return repetitions([r for r in runs if r["stimuli"] == stimuli])[0]


def named_figures(study, figures):
    """The files of several figures per model that one job draws, each name with the figure's before it."""
    return {
        f"{figure}_{kind}": file
        for figure in figures
        for kind, file in figure_files(study, f"{figure}_{{model}}").items()
    }


def recurrence_images(model):
    """Where the objects on a model's canvases come from; said to be made otherwise if not as published."""
    images = STUDIES.recurrence.images(CONFIG, model)
    same = STUDIES.recurrence.as_published(CONFIG, model)
    return images if same else f"{images}, not as published"


def comparable_recurrence():
    """Published numbers of the study; those that depend on how swaps were published only if ours are the same."""
    as_published = STUDIES.recurrence.perturbation.swaps == "as_published"
    return [
        row
        for row in reference_numbers("recurrence")
        if as_published
        or not row["measure"].startswith("functional importance")
        or row["variable"] not in ("scale", "orientation")
    ]


def published_recurrence(model):
    """Published numbers to draw beside a model's; none where they are about something else."""
    if not STUDIES.recurrence.as_published(CONFIG, model):
        return []
    numbers = {"timestep": int, "reference": float, "ci95": float}
    return [
        row | {name: kind(row[name]) for name, kind in numbers.items() if row[name]}
        for row in comparable_recurrence()
    ]
