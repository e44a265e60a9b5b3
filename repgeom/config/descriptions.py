"""What every key of the configuration means, for editors: its section's own words, or else those here."""

import re

KEYS = {
    "analysis": "The analysis of this study that the numbers are of.",
    "angle_jitter": "Standard deviation around an angle, in degrees.",
    "angles": "The two levels of an object's angle, in degrees.",
    "architecture": "lenet, recurrent, single_conv, rcnn; path/to/file.py:name of a class or function; torchvision: or "
    "timm: and the name of a network there.",
    "attack": "How images are attacked: {method, epsilon}.",
    "batch_size": "Stimuli that are shown at once.",
    "branches": "How many children every node of the tree has.",
    "canvas_size": "Height and width of a canvas, in pixels.",
    "class_names": "What the labels 0, 1 … are called.",
    "colour": "Of lines and points in figures, such as #009E73.",
    "conic_draws": "Random directions for the conic capacity.",
    "data": "Measured RDMs or responses, by name.",
    "data_dir": "Where MNIST and Fashion-MNIST lie or are downloaded to; REPGEOM_DATA_DIR overrides it.",
    "dataset": "The dataset, by name, that the images come from.",
    "datasets": "Images, by name.",
    "device": "auto uses a GPU where there is one; cpu; cuda.",
    "dichotomies": "Random dichotomies for the simulated capacity.",
    "dim": "Centres are projected to so many dimensions at most.",
    "domains": "The two datasets that objects come from.",
    "dimensions": "Of the projection; errors shrink with the square root of their number.",
    "draws": "How many random draws.",
    "drop_last": "Leave out a last batch that is smaller than the others.",
    "epochs": "How often training goes through its images.",
    "epsilon": "Strength of an attack, in pixel units (0 to 1).",
    "features": "Features of every item.",
    "first": "The first so many.",
    "fit": "Decoders are fitted to the first so many stimuli, and tested on the others.",
    "flip": "Probability that a feature changes from a node of the tree to its child.",
    "folds": "Parts of a cross-validation.",
    "gamma": "Scale of the initial weights.",
    "gammas": "Scales of the initial weights.",
    "grid": "A grid of runs, or of cells.",
    "hidden": "Units of the hidden layer.",
    "images": "How many images.",
    "k": "Nearest directions that are looked at.",
    "keep": "Which epochs' weights are stored: all, or last.",
    "keep_activations": "false: coordinates are made while networks run; activations are kept where they are read.",
    "kind": "What kind of section this is; it decides the other keys.",
    "label": "What figures call it.",
    "learning_rate": "Step size of the optimiser.",
    "learning_rates": "Step sizes of the optimiser.",
    "levels": "Levels of the tree.",
    "margin": "Margin κ of the separating hyperplanes.",
    "md5": "MD5 of the file, in hexadecimal.",
    "mean_field": "Options of mean-field capacity: margin, draws, k, dim, seed.",
    "measure": "Of dissimilarity: correlation, euclidean or cosine.",
    "method": "Which one, by name.",
    "mode": "grey or rgb; images are converted.",
    "model": "A model, by name.",
    "models": "Networks, by name.",
    "n_candidates": "Images of each class that objects are drawn from.",
    "n_objects": "Objects on a canvas.",
    "nodes": "Nodes of the network, names or patterns; all where nothing is said.",
    "of": "What is looked at.",
    "optimiser": "adadelta, adam, adamw or sgd.",
    "options": "Keyword arguments of the network's constructor.",
    "over": "What the analysis goes over: nodes, time or epochs.",
    "path": "A folder or file, from the folder in which snakemake runs.",
    "perplexity": "Of t-SNE.",
    "perturbation": "How images are perturbed: {method, strength, seed}.",
    "position_jitter": "Standard deviation around a position, in pixels.",
    "positions": "The two levels of an object's position, in pixels.",
    "precision": "float32 or bfloat16.",
    "projection": "Nodes of more features than so many dimensions are projected at random, with a stated error.",
    "rdm_precision": "Of the numbers in files of RDMs.",
    "rdms_from": "What RDMs are made of; activations: straight, in tiles, for more than a few thousand stimuli.",
    "recording_parts": "How many jobs record a stimulus set, each a part of it.",
    "references": "Of resources/reference_….csv, whose numbers stand beside those computed.",
    "repetitions": "How often it is done anew.",
    "ridge": "Penalty of the regression.",
    "root_flip": "Probability that a feature of the root is on.",
    "rsm_epochs": "Epochs at which similarities of items are drawn.",
    "scale_jitter": "Standard deviation around a scale.",
    "scales": "The two levels of an object's scale.",
    "schedule": "How the learning rate changes: constant, step, cosine or one_cycle.",
    "seed": "Seed of what is random.",
    "seeds": "One network, or run, for each.",
    "sha256": "SHA-256 of the file, in hexadecimal.",
    "shallow_learning_rate": "Step size for the network without a hidden layer.",
    "shuffle": "Show images in another order in every epoch.",
    "slow_learning_rate": "Step size of the slower runs.",
    "snapshots": "Steps at which the images are kept.",
    "source": "Where it comes from.",
    "split": "train or test; of canvases also validation.",
    "starts": "Noise images that each original is approached from.",
    "steps": "Steps of an iterative method.",
    "stimuli": "Sets of stimuli, by name.",
    "studies": "Studies, each a name for several analyses.",
    "subjects": "How many subjects.",
    "swaps": "corrected draws the target anew at its other level; as_published zooms or rotates it a second time.",
    "test_per_class": "Test images of every class.",
    "threads": "Threads of a training.",
    "title": "Above the figure.",
    "train_per_class": "Training images of every class.",
    "training": "How the network is trained.",
    "tree": "The tree of items.",
    "untrained": "true: initial weights, one network for each seed.",
    "variables": "What is decoded: category, and whatever else the stimuli carry.",
}

DEFINITIONS = {"JsonValue": "A number, text, true or false, nothing, or a list or dictionary of these."}
"""What pydantic defines itself."""


def describe_keys(schema: dict) -> None:
    """Add a description to every key of every section of a JSON Schema that has none."""
    for name, told in DEFINITIONS.items():
        schema["$defs"][name].setdefault("description", told)
    for section in [schema, *schema["$defs"].values()]:
        for key, described in section.get("properties", {}).items():
            described.setdefault("description", _said(section.get("description", ""), key) or KEYS[key])


def _said(text: str, key: str) -> str:
    """The sentences of a section's description that name the key."""
    sentences = re.split(r"(?<=\.)\s+", " ".join(text.split()))
    return " ".join(sentence for sentence in sentences if f"`{key}`" in sentence)
