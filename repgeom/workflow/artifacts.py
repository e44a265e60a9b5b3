"""Where every artifact lies: the one place that knows file names."""

from collections.abc import Iterable

from repgeom.config.learning_dynamics import LEARNING_DYNAMICS
from repgeom.config.networks import Network
from repgeom.config.nouns import Nouns
from repgeom.config.stimuli import Attacked
from repgeom.store.names import NOTHING
from repgeom.store.table_metadata import metadata_path

DATASET = "results/datasets/{dataset}.h5"
STIMULI = "results/stimuli/{stimuli}.h5"
ATTACKED = "results/stimuli/{stimuli}/{model}/seed{seed}.h5"
WEIGHTS = "results/models/{model}/seed{seed}/weights.safetensors"
HISTORY = "results/models/{model}/seed{seed}/history.csv"
ACTIVATIONS = "results/activations/{model}/seed{seed}/{epoch}/{stimuli}.zarr.zip"
ACTIVATIONS_PART = "results/activations/{model}/seed{seed}/{epoch}/{stimuli}/part{part}of{parts}.zarr.zip"
COORDINATES = "results/coordinates/{model}/seed{seed}/{epoch}/{stimuli}.zarr.zip"
RDMS = "results/rdms/{measure}/{model}/seed{seed}/{epoch}/{stimuli}.h5"

DATA_RESPONSES = "results/data/{data}/responses.h5"
DATA_RDMS = "results/data/{data}/rdms.h5"
"""Measured data: responses of subjects, and their RDMs."""

NETWORK = "{model}/seed{seed}/{epoch}/{stimuli}"
"""One network shown one stimulus set, `NOTHING` where it is shown none."""
MEASURED = "{measure}/" + NETWORK + "/{options}"
"""One measure of it, with the options that decide the numbers."""
MEASURES = f"results/measures/{MEASURED}.csv"
METAMERS = "results/metamers/" + NETWORK + "/{options}.h5"
INFERENCE = "results/inference/" + NETWORK + "/{options}.h5"
"""Similarities of one network to measured RDMs, in every resample."""

FIGURE_PDF = "results/figures/{analysis}.pdf"
FIGURE_PNG = "results/figures/{analysis}.png"
TABLE = "results/tables/{analysis}.csv"
NUMBERS = "results/tables/{analysis}_numbers.csv"
MEANS = "results/tables/{analysis}_means.csv"
"""Means and intervals of a figure, where its table holds single networks."""
TABLES = {"table": TABLE, "means": MEANS, "numbers": NUMBERS}
"""All tables of a figure."""
PAGE = "results/pages/{analysis}.html"
REPRODUCTION = "results/tables/reproduction.csv"
"""The numbers of all studies beside the published ones."""
INDEX = "results/index.html"
"""The page that shows all results."""
SHARE = "results/share.zip"
"""That page with everything it links to."""

LINEAR_RUN = "results/models/deep_linear/seed{seed}/{run}.h5"
LINEAR_GRID = "results/models/deep_linear/seed{seed}/grid.h5"
LINEAR_REPRODUCTION = TABLE.format(analysis=f"{LEARNING_DYNAMICS}/reproduction")


def log(name: str) -> str:
    """The log of a rule; `name` holds its wildcards."""
    return f"results/logs/{name}.log"


def benchmark(name: str) -> str:
    """Time and memory of a rule; `name` holds its wildcards."""
    return f"results/benchmarks/{name}.tsv"


def rule_of_figure(kind: str) -> str:
    """The rule that draws figures of a kind."""
    return f"{kind.replace('/', '_')}_figure"


def of_measure(template: str, measure: str) -> str:
    """`MEASURES` or `MEASURED` of one measure; the other wildcards stay."""
    return template.replace("{measure}", measure)


def stimuli_path(c: Nouns, stimuli: str, model: str, seed: int) -> str:
    """The file of the stimuli that a network (model and seed) is shown."""
    section = c.stimulus_section(stimuli)
    if not isinstance(section, Attacked):
        return STIMULI.format(stimuli=stimuli)
    attacker, attacker_seed = c.attacker_of(section, model, seed)
    return ATTACKED.format(stimuli=stimuli, model=attacker, seed=attacker_seed)


def all_weights(c: Nouns, model: str) -> list[str]:
    """The weights of every seed of a model."""
    return [WEIGHTS.format(model=model, seed=seed) for seed in c.models[model].seeds]


def of_network(template: str, network: Network, **fixed: object) -> str:
    """The file of one network: `ACTIVATIONS`, `RDMS`, `WEIGHTS` and the like."""
    values = {"model": network.model, "seed": network.seed, "epoch": network.epoch}
    return template.format(**values, stimuli=network.stimuli or NOTHING, **fixed)


def of_networks(template: str, networks: Iterable[Network], **fixed: object) -> list[str]:
    """The file of each network."""
    return [of_network(template, network, **fixed) for network in networks]


def metadata(table: str) -> str:
    """The file with the metadata of a table, beside it."""
    return str(metadata_path(table))
