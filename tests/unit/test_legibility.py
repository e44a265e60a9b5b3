"""No figure has letters under 5 pt, words over words or bars cut off, whatever the networks and images.

Each figure is drawn from small tables in the shapes that projects have: grey and RGB images, one network and forty,
the nodes of a LeNet and of a ResNet-50, long names, stimuli of one class or of a thousand, intervals at the ends of
their range.
"""

import importlib
import inspect
import pkgutil

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from scipy.spatial.distance import pdist, squareform

from repgeom import figures
from repgeom.analyses.similarity import tree
from repgeom.datasets.tree import BranchingTree
from repgeom.figures.accuracy import accuracy_figure
from repgeom.figures.agreement import agreement_figure
from repgeom.figures.capacity import PANELS, over_epochs, over_nodes, over_time
from repgeom.figures.capacity_draws import over_draws
from repgeom.figures.capacity_methods import capacities_compared
from repgeom.figures.clutter import MapRow, Tile, maps_over_time, tile_rows
from repgeom.figures.connections import connections_figure
from repgeom.figures.curves import Curve, curves_figure
from repgeom.figures.decoding import auxiliary_decoding, decoding_over_nodes, decoding_over_time
from repgeom.figures.embeddings import embedding_grid
from repgeom.figures.encoding import encoding_figure
from repgeom.figures.epsilon_sweep import epsilon_sweep
from repgeom.figures.filters import feature_maps, filters_over_epochs
from repgeom.figures.generalisation import generalisation_figure
from repgeom.figures.geometry_path import Notes, geometry_path, path_looks
from repgeom.figures.history import history_figure
from repgeom.figures.image_grids import Grid, image_grids
from repgeom.figures.inference import inference_figure
from repgeom.figures.layer_lines import layer_lines
from repgeom.figures.legibility import hard_to_read, lines_of_text
from repgeom.figures.loss_grid import loss_grid
from repgeom.figures.metamers import metamers_figure
from repgeom.figures.modes import modes_figure
from repgeom.figures.network_graph import network_graph
from repgeom.figures.palette import CYCLE, MARKERS, STYLES
from repgeom.figures.perturbation import PROPERTIES, SWAPS, functional_importance
from repgeom.figures.rdm_panels import rdm_panels
from repgeom.figures.rdm_thumbnails import rdm_with_thumbnails
from repgeom.figures.readout import readout_accuracy
from repgeom.figures.rsm_panels import rsm_panels
from repgeom.figures.similarity import similarity_figure
from repgeom.figures.spectrum import spectrum_figure
from repgeom.figures.stimulus_axis import StimulusAxis
from repgeom.figures.style import COLUMN, MM, house_style, new_figure, plain_powers, save_figure
from repgeom.figures.tree import tree_figure
from repgeom.measures.embedding import metric_mds
from repgeom.measures.generalisation import generalise
from repgeom.measures.path import join_paths

RNG = np.random.default_rng(0)
LENET = ["input", "conv1", "conv2", "fc1", "fc2"]
RESNET = ["input", *(f"layer{i}_{j}_{what}" for i in range(1, 5) for j in range(6) for what in ("conv1", "bn1", "relu",
          "conv2", "add")), "avgpool", "fc"]  # fmt: skip
CLASSES = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
LAYERS = ["input", "conv1", "conv2", "fc"]
LONG = "a network with quite a long label, adversarially trained"


def ends(n, low=0.0, high=1.0):
    """Means with intervals, some of which end at the ends of the range."""
    means = np.clip(RNG.uniform(low - 0.1, high + 0.1, n), low, high)
    reach = RNG.uniform(0, 0.5 * (high - low), n)
    return {"mean": means, "low": np.maximum(means - reach, low), "high": np.minimum(means + reach, high)}


def product(**columns):
    return pd.MultiIndex.from_product(columns.values(), names=columns).to_frame(index=False)


def labels_of(n_networks):
    return [LONG] if n_networks == 1 else [f"network {i}" for i in range(n_networks)]


def looks_of(n_networks):
    return {line: {"colour": CYCLE[i % len(CYCLE)], "style": STYLES[i // 8 % 4], "marker": MARKERS[i % len(MARKERS)]}
            for i, line in enumerate(labels_of(n_networks))}  # fmt: skip


def stimuli(n=30, classes=10, shape=(8, 8), seed=0):
    labels = np.arange(n) * classes // n
    names = [CLASSES[i] if classes <= 10 else f"n{i:08d}" for i in labels]
    return StimulusAxis(labels, names, np.random.default_rng(seed).random((n, *shape)))


def rdms(nodes, n):
    return {node: pdist(RNG.normal(size=(n, 5)), "correlation") for node in nodes}


def accuracy(networks, sets):
    table = product(line=labels_of(networks), stimuli=list(sets)).assign(chance=0.1)
    return accuracy_figure(
        table.assign(**ends(len(table))).rename(columns={"mean": "accuracy"}), looks_of(networks), sets
    )


def separation(networks, nodes):
    panels = {
        "separation": "between − within\nPearson distance (1 − r)",
        "label_correlation": "correlation with\nlabel RDM (r)",
    }
    table = product(quantity=list(panels), line=labels_of(networks), node=nodes)
    return layer_lines(table.assign(**ends(len(table), -1)), panels, looks_of(networks), nodes)


def encoding(networks, nodes):
    nodes = [*nodes, "best node"]
    table = product(quantity=["correlation", "explained"], line=labels_of(networks), node=nodes)
    table = table.assign(**ends(len(table)))
    return encoding_figure(table, looks_of(networks), nodes, 0.9, "subjects like fc1", ["best node"])


def inference(networks, nodes):
    nodes = [*nodes, "weighted sum", "best node"]
    table = product(line=labels_of(networks), node=nodes).assign(quantity="similarity")
    pairs = [f"network {i} and network {j}" for j in range(min(networks, 3)) for i in range(j)]
    table = pd.concat([table, product(line=pairs, node=nodes).assign(quantity="difference")], ignore_index=True)
    p = {name: RNG.random(len(table)) / 10 for name in ("p_corrected", "p_ceiling_corrected")}
    table = table.assign(**ends(len(table)), **p, model=table["line"], stimuli="a", epoch="last")
    table = table.rename(columns={"mean": "value"}).assign(lower_ceiling=0.8, upper_ceiling=0.9)
    return inference_figure(table, looks_of(networks), "similarity to subjects like fc1\n(whitened cosine)", nodes[-2:])


def similarity(models, nodes):
    names = labels_of(models)
    items = [(name, name, node) for name in names for node in nodes]
    apart = squareform(pdist(RNG.normal(size=(len(items), 4)), "cosine"))
    spread = product(relation=["seeds", "models"], node=nodes)
    models = {name: {"label": name, "colour": look["colour"]} for name, look in looks_of(models).items()}
    options = {"method": "rsa", "measure": "euclidean", "comparison": "cosine_cov"}
    return similarity_figure(
        items, 1 - apart, tree(apart), metric_mds(apart), spread.assign(**ends(len(spread))), models, options
    )


def sweep(networks, nodes):
    attacks = {"fgsm": "FGSM", "pgd": "PGD"}
    what = pd.DataFrame(
        [("accuracy", ""), *(("label_correlation", node) for node in nodes)], columns=["quantity", "node"]
    )
    table = product(stimuli=list(attacks), line=labels_of(networks), strength=[0, 0.1, 0.2]).merge(what, how="cross")
    table = table.assign(**ends(len(table), -1)).astype({"low": float})
    return epsilon_sweep(
        table.assign(mean=table["mean"].abs()), looks_of(networks), attacks, nodes, "attack strength ε"
    )


def capacity(networks, nodes):
    table = product(line=labels_of(networks), node=nodes, quantity=list(PANELS))
    looks = looks_of(networks)
    return over_nodes(
        table.assign(colour=[looks[line]["colour"] for line in table["line"]], median=0.4, **ends(len(table)))
    )


def capacity_epochs(nodes):
    table = product(node=nodes, quantity=list(PANELS), epoch=[0, 1, 10])
    return over_epochs(table.assign(median=0.4, **ends(len(table))))


def capacity_time(layers):
    table = product(module=layers, quantity=list(PANELS), timestep=[1, 2, 3, 4])
    return over_time(table.assign(median=np.nan, **ends(len(table))))


def draws(scale):
    table = product(mode=["configured", "reference"], node=["input", "fc"], draw=range(20))
    values = {name: scale * RNG.lognormal(size=len(table)) for name in PANELS}
    return over_draws(table.assign(**values), {("radius", "input"): 0.7})


def methods(networks, nodes):
    table = product(line=labels_of(networks), node=nodes, method=["mean-field", "conic", "simulated"])
    table = table.assign(**ends(len(table), 0.1, 2), bound=0.3)
    missing = (table["method"] == "simulated") & (table["node"] == nodes[-1])
    return capacities_compared(table.assign(**{c: table[c].mask(missing) for c in ("mean", "low", "high")}))


def decoding_nodes(networks, nodes):
    table = product(line=labels_of(networks), node=nodes, variable=["category", "x", "y", "location", "scale"])
    return decoding_over_nodes(table.assign(chance=0.1, **ends(len(table))), looks_of(networks))


def over_steps(**columns):
    table = product(timestep=[1, 2, 3, 4], **columns)
    return table.assign(chance=0.5, **ends(len(table)))


def decoding_time(layers):
    parts = [over_steps(layer=layers, variable=["category", "location", "scale", "orientation", "domain"]).assign(
             measure=f"{kind} {shown}", stimuli=shown, kind=kind, modulation="gain")
             for kind in ("layer", "flow") for shown in ("cluttered", "clean")]  # fmt: skip
    published = pd.DataFrame({"measure": "layer clean", "layer": layers, "timestep": 4, "variable": "category",
                              "reference": 0.9, "ci95": 0.02})  # fmt: skip
    return decoding_over_time(pd.concat(parts), {"cluttered": "in clutter", "clean": "alone"}, published)


def auxiliary():
    variables = ["auxiliary", "location", "scale", "orientation"]
    time = over_steps(variable=variables).assign(measure="decoding, mean over layers", layer="")
    layers = (
        over_steps(variable=variables, layer=LAYERS).query("timestep == 1").assign(measure="decoding, mean over time")
    )
    table = pd.concat([time, layers]).assign(stimuli="cluttered")
    return auxiliary_decoding(table, {"cluttered": "canvases with clutter"})


def importance():
    table = over_steps(layer=LAYERS, variable=[*PROPERTIES, *SWAPS])
    return functional_importance(table.assign(measure="importance", **ends(len(table), -1)))


def readout(highest):
    table = product(stimuli=["cluttered", "clean"], timestep=[1, 2, 3, 4]).assign(measure="output")
    networks = product(stimuli=["cluttered", "clean"], timestep=[1, 2, 3, 4], seed=[1, 2, 3])
    networks = networks.assign(accuracy=RNG.uniform(0, highest, len(networks)))
    return readout_accuracy(
        table.assign(**ends(len(table), 0, highest)), 0.05, {"cluttered": "in clutter", "clean": "alone"}, networks
    )


def history(networks, seeds=2):
    table = product(model=[f"m{i}" for i in range(networks)], seed=range(seeds), epoch=range(4))
    columns = [f"{split}_{what}" for split in ("train", "test") for what in ("loss", "accuracy")]
    looks = zip(labels_of(networks), looks_of(networks).values(), strict=True)
    models = {f"m{i}": {"label": label, "colour": look["colour"]} for i, (label, look) in enumerate(looks)}
    return history_figure(table.assign(**{c: RNG.random(len(table)) for c in columns}), models)


def path(models, nodes, n=30, classes=10, shape=(8, 8), left_out=()):
    shown = stimuli(n, classes, shape)
    names = {f"m{i}": {"label": label, "colour": look["colour"]} for i, (label, look) in
             enumerate(zip(labels_of(models), looks_of(models).values(), strict=True))}  # fmt: skip
    first = pdist(RNG.normal(size=(n, 5))) ** 2
    paths = join_paths({name: rdms(nodes, n) | {"input": first} for name in names}, shown.labels)
    k = len(paths.rdms)
    steps = np.cumsum(RNG.normal(size=(k, 2)), axis=0)
    points = np.concatenate([steps[: k // 2] / 10, steps[k // 2 :]])  # half of them crowded
    looks = path_looks({name: {"model": name} for name in names}, names)
    notes = Notes("images that were attacked", "cosine", {name: left_out for name in names if left_out})
    return geometry_path(np.abs(RNG.random((k, k))), points, 0.1, paths, looks, shown, notes)


def embeddings(nodes, n=60, classes=10):
    shown = stimuli(n, classes)
    middles = RNG.normal(size=(classes, 2)) * 3
    grid = {method: {node: middles[shown.labels] + RNG.normal(size=(n, 2)) for node in nodes}
            for method in ("PCA", "MDS", "t-SNE (perplexity 40)")}  # fmt: skip
    notes = {method: dict.fromkeys(nodes, "34 % of the variance") for method in grid}
    return embedding_grid(grid, shown.labels, shown.names, notes)


def spectrum(nodes, classes):
    shown = stimuli(40, classes)
    return spectrum_figure(
        {node: (np.arange(9.0, 0, -1), RNG.normal(size=(40, 2))) for node in nodes}, shown.labels, shown.names
    )


def grids(shape, columns, n, sets=3):
    names = [CLASSES[i * 10 // n] for i in range(n)]
    titles = ["clean", "attacked (FGSM, ε = 0.2): standard", "attacked (FGSM, ε = 0.2): adversarially trained", "more"]
    return image_grids({title: Grid(RNG.random((n, *shape)), names) for title in titles[:sets]}, columns)


def metamers(channels, nodes):
    arrays, rows, summaries = {"originals": RNG.random((2, channels, 5, 6))}, [], {}
    for node in nodes:
        arrays |= {f"{node}_{name}": RNG.normal(size=(2, channels, 5, 6)) for name in ("step0", "step40", "best")}
        arrays[f"{node}_loss"] = RNG.random((9, 2)) + 0.1
        rows.append({"node": node, "pixel_correlation": 0.5, "label": 0, "predicted": 1, "held_out": 9})
        summaries[node] = {
            "n": 20,
            "model": 1.0,
            "held_out": 0.5,
            "own": 0.9,
            "own_se": 0.3,
            "same_class": -0.2,
            "same_class_se": 0.3,
        }
    return metamers_figure(arrays, pd.DataFrame(rows), dict(enumerate(CLASSES)), summaries, [0, 40])


def graph(nodes):
    inputs = [[], *([node] for node in nodes[:-1])]
    return network_graph({node: {"module": node, "timestep": 0, "inputs": inputs[i], "shape": [64, 112, 112]}
                          for i, node in enumerate(nodes)})  # fmt: skip


def connections():
    pairs = [("input", "conv1", "bottom-up"), ("conv1", "conv2", "bottom-up"), ("conv2", "fc", "bottom-up"), ("fc", "logits", "readout"),
             ("conv1", "conv1", "lateral"), ("fc", "conv1", "top-down"), ("fc", "input", "top-down"), ("conv2", "input", "top-down")]  # fmt: skip
    table = pd.DataFrame(pairs, columns=["source", "target", "kind"]).assign(n_parameters=1_056_768)
    return connections_figure(table, LAYERS)


def generalisation(nodes, shape):
    rated, new = RNG.random((10, *shape)), RNG.random((5, *shape))
    found = {node: generalise(RNG.normal(size=(10, 30)), RNG.normal(size=(5, 30))) for node in nodes}
    return generalisation_figure(found, rated, new)


def tiles(shape):
    row = [Tile(RNG.random(shape), f"{name} → {CLASSES[0]}", (4, 4, 3)) for name in CLASSES[:8]]
    return tile_rows({"recognised": row, "not\nrecognised": row[:3]})


def maps(shape):
    rows = [MapRow("activation", {t: RNG.random((3, *shape)) for t in (1, 2, 3, 4)}),
            MapRow("1 + gain", {t: RNG.random((3, *shape)) for t in (2, 3, 4)}, 1)]  # fmt: skip
    return maps_over_time(RNG.random((3, *shape)), rows)


def activity(shape):
    titles = [f"{name}\nepoch 10" for name in CLASSES[:3]]
    return feature_maps(RNG.random((3, *shape)), titles, RNG.normal(size=(3, 10, 6, 6)))


def filters(channels):
    titles = ["epoch 0", "epoch 1", "epoch 10", "last epoch"]
    return filters_over_epochs(RNG.normal(size=(4, 10, channels, 5, 5)), titles)


def course(label, colour):
    return Curve(np.arange(250), RNG.random(250), label, colour)


TREE = BranchingTree(3, 2, 0.15, 0.5)
ITEMS = ["goldfish", "tuna", "robin", "canary", "rose", "daisy", "pine", "oak"]
AGREEMENT = product(network=["deep", "shallow"], share=np.arange(101) / 100)
TRAJECTORIES = product(step=range(250), mode=range(1, 9))

EXAMPLES = {
    "accuracy_figure": [
        lambda: accuracy(2, {"a": "clean", "b": "attacked", "c": "attacked, float32 gradient", "d": "attacked, 200 images"}),
        lambda: accuracy(40, {f"s{i}": f"stimuli with a long label {i}" for i in range(9)}),
    ],
    "agreement_figure": [lambda: agreement_figure(AGREEMENT.assign(difference=10 ** RNG.uniform(-9, -2, 202)))],
    "auxiliary_decoding": [auxiliary],
    "capacities_compared": [lambda: methods(1, LENET), lambda: methods(3, LENET), lambda: methods(40, LENET[:3])],
    "connections_figure": [connections],
    "curves_figure": [
        lambda: curves_figure({"": [course("learning rate 30", CYCLE[0])]}, "epoch", "mean squared error"),
        lambda: curves_figure({t: [course("belief", CYCLE[1])] for t in ("sharks have bones", "parrots cannot speak")}, "epoch", "belief"),
    ],
    "decoding_over_nodes": [lambda: decoding_nodes(2, LENET), lambda: decoding_nodes(1, RESNET), lambda: decoding_nodes(40, LENET)],
    "decoding_over_time": [lambda: decoding_time(LAYERS)],
    "embedding_grid": [lambda: embeddings(LENET), lambda: embeddings(RESNET[:8]), lambda: embeddings(LENET[:1], classes=1),
                       lambda: embeddings(LENET[:2], n=100, classes=50)],
    "encoding_figure": [lambda: encoding(2, LENET), lambda: encoding(1, RESNET)],
    "epsilon_sweep": [lambda: sweep(2, LENET), lambda: sweep(1, RESNET[:8]), lambda: sweep(40, LENET[:2])],
    "feature_maps": [lambda: activity((8, 8)), lambda: activity((3, 8, 8))],
    "filters_over_epochs": [lambda: filters(1), lambda: filters(3)],
    "functional_importance": [importance],
    "generalisation_figure": [lambda: generalisation(LENET, (8, 8)), lambda: generalisation(RESNET[:20], (8, 8, 3))],
    "geometry_path": [lambda: path(1, LENET), lambda: path(2, LENET, left_out=["relu"]), lambda: path(40, LENET, n=12),
                      lambda: path(1, RESNET, n=12), lambda: path(2, RESNET, 12, 1, (3, 8, 8)), lambda: path(2, LENET, 40, 20, (2, 8, 8)),
                      lambda: path(1, ["input", "fc"])],
    "history_figure": [lambda: history(2), lambda: history(1), lambda: history(40, 1)],
    "image_grids": [lambda: grids((8, 8), 5, 50), lambda: grids((3, 8, 8), 10, 30, 4), lambda: grids((1, 8, 12), 7, 20, 1)],
    "inference_figure": [lambda: inference(2, LENET), lambda: inference(1, RESNET[:20]), lambda: inference(3, LENET)],
    "layer_lines": [lambda: separation(2, LENET), lambda: separation(1, RESNET), lambda: separation(40, LENET)],
    "loss_grid": [lambda: loss_grid(np.array([[[0.1, np.inf, 3.5]] * 10] * 3), np.array([1, 5, 10, 20, 50, 75, 100, 125, 150, 200]),
                                    np.array([1e-15, 1e-3, 10]))],
    "maps_over_time": [lambda: maps((8, 8))],
    "metamers_figure": [lambda: metamers(1, ["conv", "fc"]), lambda: metamers(3, RESNET[:6])],
    "modes_figure": [lambda: modes_figure(TRAJECTORIES.assign(measured=1.0, analytic=1.1, difference=0.1), np.arange(250), RNG.random(250))],
    "network_graph": [lambda: graph(LENET), lambda: graph(RESNET)],
    "over_draws": [lambda: draws(1), lambda: draws(1e3)],
    "over_epochs": [lambda: capacity_epochs(["input", "conv", "fc"]), lambda: capacity_epochs(RESNET[:20])],
    "over_nodes": [lambda: capacity(3, LENET), lambda: capacity(1, RESNET), lambda: capacity(40, LENET)],
    "over_time": [lambda: capacity_time(LAYERS)],
    "rdm_panels": [lambda: rdm_panels({f"{m}, clean": rdms(LENET, 30) for m in labels_of(2)}, [stimuli()] * 2, "Pearson distance (1 − r)"),
                   lambda: rdm_panels({LONG: rdms(RESNET[:20], 30)}, [stimuli(30, 30, (3, 8, 8))], "cosine distance"),
                   lambda: rdm_panels({"a": rdms(["fc"], 12)}, [stimuli(12, 1)], "cosine distance"),
                   lambda: rdm_panels({f"m{i}": rdms(LENET, 12) for i in range(12)}, [stimuli(12)] * 12, "cosine distance")],
    "rdm_with_thumbnails": [
        lambda: rdm_with_thumbnails(squareform(rdms(["fc"], 30)["fc"]), RNG.random((30, 3, 8, 8)), "cosine distance", LONG[:30])
    ],
    "readout_accuracy": [lambda: readout(0.28), lambda: readout(1)],
    "rsm_panels": [lambda: rsm_panels(RNG.normal(size=(8, 8, 8)), [0, 95, 105, 125, 140, 165, 190, 250], ITEMS)],
    "similarity_figure": [lambda: similarity(2, LENET), lambda: similarity(1, RESNET[:20]), lambda: similarity(4, LENET)],
    "spectrum_figure": [lambda: spectrum(["fc"], 10), lambda: spectrum(RESNET[:3], 1)],
    "tile_rows": [lambda: tiles((8, 8)), lambda: tiles((8, 8, 3))],
    "tree_figure": [lambda: tree_figure(TREE, RNG.choice([-1, 1], (8, 100)), ITEMS)],
}  # fmt: skip


OTHERS = {"new_figure", "time_courses"}
"""What others draw with."""


def drawing_functions():
    """Names of all functions of `repgeom.figures` that say they return a figure."""
    modules = [
        importlib.import_module(f"repgeom.figures.{found.name}") for found in pkgutil.iter_modules(figures.__path__)
    ]
    return {name for module in modules for name, function in vars(module).items()
            if inspect.isfunction(function) and function.__module__ == module.__name__
            and not name.startswith("_") and inspect.signature(function).return_annotation is Figure}  # fmt: skip


def test_every_figure_is_among_the_examples():
    lacking = drawing_functions() - OTHERS - set(EXAMPLES)
    assert not lacking, f"add examples of {', '.join(sorted(lacking))} to EXAMPLES, in the shapes that projects have"
    assert set(EXAMPLES) <= drawing_functions()


@pytest.mark.parametrize(
    "name, number", [(name, i) for name, examples in EXAMPLES.items() for i in range(len(examples))]
)
def test_a_figure_can_be_read(name, number):
    RNG.bit_generator.state = np.random.default_rng(0).bit_generator.state  # the same whatever was drawn before
    figure = EXAMPLES[name][number]()
    with house_style():
        assert list(hard_to_read(figure)) == []
        assert not [line.words for line in lines_of_text(figure) if line.words.startswith("_")], (
            "matplotlib's own names"
        )


def test_ticks_of_logarithmic_axes_are_plain_text():
    figure, (left, right) = two_panels()
    left.semilogy([1e-9, 1e-2, 100])
    right.semilogy([2e-6, 3e-5])
    left.set_yticks([1e-9, 0.1, 1e4])
    for axes in (left, right):
        plain_powers(axes.yaxis)
    words = {line.words for line in lines_of_text(figure)}
    assert {"10⁻⁹", "0.1", "10⁴", "10⁻⁵", "5·10⁻⁶"} <= words and not any("$" in word for word in words)


def two_panels(**words):
    with house_style():
        figure = new_figure(COLUMN, 50 * MM)
        return figure, figure.subplots(1, 2)


def faults(figure):
    with house_style():
        return list(hard_to_read(figure))


def test_small_and_overlapping_words_are_found():
    figure, (left, _) = two_panels()
    left.set_axis_off()
    left.text(0.5, 0.5, "small", fontsize=4.9)
    left.text(0.1, 0.1, "one")
    left.text(0.12, 0.12, "other")
    assert faults(figure) == ["'small' is 4.9 pt high; 5 pt can be read", "'one' and 'other' overlap"]


@pytest.mark.parametrize("apart, overlap", [(2, True), (14, False)])
def test_words_that_lie_aslant_overlap_where_their_letters_do(apart, overlap):
    """Upright boxes around the two overlap either way."""
    figure, (left, _) = two_panels()
    left.set_axis_off()
    for i, words in enumerate(("first name", "second name")):
        left.annotate(words, (0.3, 0.3), xytext=(i * apart, 0), textcoords="offset points", rotation=45)
    assert faults(figure) == (["'first name' and 'second name' overlap"] if overlap else [])


def test_words_beyond_the_figure_or_in_a_neighbour_are_found():
    figure, (_, right) = two_panels()
    right.plot([0, 1])
    right.set_title("right")
    figure.text(0.99, 0.5, "far out")
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    edge = right.get_position()
    figure.text(edge.x0, edge.y0 + 0.1, "reaching in", ha="center")
    found = faults(figure)
    assert (
        "'far out' reaches beyond the figure" in found
        and "'reaching in' reaches over the edge of panel 'right'" in found
    )


@pytest.mark.parametrize("scale, limits, found", [
    ("linear", (0, 5), []),
    ("linear", (1, 5), ["an interval of panel 'some' ends outside it"]),
    ("linear", (0, 3.5), ["an interval of panel 'some' ends outside it"]),
    ("log", (0.1, 5), ["an interval of panel 'some' reaches 0, which its logarithmic axis cannot show"]),
])  # fmt: skip
def test_bars_that_are_cut_off_are_found(scale, limits, found):
    figure, (left, _) = two_panels()
    left.errorbar([1, 2], [2, 3], [[2, 1], [1, 1]])
    left.set(yscale=scale, title="some", ylim=limits)
    assert faults(figure) == found


def test_lines_of_text_are_where_they_are_drawn():
    """The renderer's own box of a single word, up to the letters that hang below the line."""
    figure, (left, _) = two_panels()
    word = left.text(0.5, 0.5, "word", rotation=30)
    with house_style():
        (line,) = [line for line in lines_of_text(figure) if line.words == "word"]
        box = word.get_window_extent()
    assert np.abs(line.corners.mean(axis=0) - (box.min + box.max) / 2).max() < 1.5


def test_saving_a_figure_logs_what_is_hard_to_read(tmp_path, caplog):
    figure, (left, _) = two_panels()
    left.text(0.5, 0.5, "small", fontsize=3)
    save_figure(figure, tmp_path / "f.png", tmp_path / "f.pdf")
    assert caplog.messages == ["the figure is hard to read: 'small' is 3 pt high; 5 pt can be read"]


def test_titles_of_rows_fit_beside_pictures_whose_own_titles_are_short():
    figure = tile_rows(
        {
            "recognised": [Tile(RNG.random((36, 36)), "7")] * 7,
            "not\nrecognised": [Tile(RNG.random((36, 36)), "3 → 0")] * 8,
        }
    )
    with house_style():
        assert list(hard_to_read(figure)) == []
