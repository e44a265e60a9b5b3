# Where images and weights come from, and which models and stimuli a rule is about.


def domain_files(dataset):
    """The dataset files of the two domains that canvases are made of; of the dataset itself if it holds images."""
    is_clutter = CONFIG.is_clutter(dataset)
    names = CONFIG.datasets[dataset].domains if is_clutter else [dataset]
    return [paths.DATASET.format(dataset=name) for name in names]


def dataset_content(dataset):
    """A digest of the images in a user's folder; None where code and configuration say what the images are."""
    section = CONFIG.datasets[dataset]
    return folder_digest(section.path) if section.source == "folder" else None


def canvas_recipe(dataset):
    """How the canvases of a dataset are made."""
    section = CONFIG.datasets[dataset]
    return {"recipe": section.recipe(), "held_out": section.held_out}


def imported_canvases(model):
    """How the canvases are made on which imported weights are tested; None where they are for stored images."""
    dataset = CONFIG.models[model].dataset
    return canvas_recipe(dataset) if CONFIG.is_clutter(dataset) else None


def trained_on(canvases):
    """The models that are trained on canvases, or those on stored images, as a regular expression."""
    return one_of(
        name
        for name, model in CONFIG.models.items()
        if model.training and CONFIG.is_clutter(model.dataset) == canvases
    )


def trained(models):
    """Those of some models that are trained, and so have a history."""
    return [model for model in models if CONFIG.models[model].training]


def imported():
    """The models whose weights come from elsewhere, as a regular expression."""
    return one_of(name for name, model in CONFIG.models.items() if model.source)


def weights_file(model):
    """The file of imported weights, as an input; nothing where they are downloaded."""
    return [path] if (path := CONFIG.models[model].source.path) else []


def weights_source(model):
    """Address and checksum of imported weights."""
    section = CONFIG.models[model].source
    return {"url": section.url, "checksum": section.checksum()}


def one_of(names):
    """A regular expression that matches each of some names; nothing where there are none."""
    return "|".join(names) or "(?!)"


def stimuli_of_kind(kind):
    """The stimulus sets of a kind, as a regular expression; repetitions of canvases included."""
    names = one_of(name for name, s in CONFIG.stimuli.items() if s.kind == kind)
    return rf"({names})({REPETITION}\d+)?"


def dataset_source(dataset):
    """Where the images of a dataset come from (`digits`, `mnist` …)."""
    return CONFIG.datasets[dataset].source
