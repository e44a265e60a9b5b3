"""Where every artifact lies: the one place that knows file names."""

from repgeom.config.configuration import Configuration
from repgeom.config.stimuli import OWN, Attacked
from repgeom.store.tables import metadata_path

DATASET = "results/datasets/{dataset}.h5"
STIMULI = "results/stimuli/{stimuli}.h5"
ATTACKED = "results/stimuli/{stimuli}/{model}/seed{seed}.h5"
WEIGHTS = "results/models/{model}/seed{seed}/weights.safetensors"
HISTORY = "results/models/{model}/seed{seed}/history.csv"
ACTIVATIONS = "results/activations/{model}/seed{seed}/{epoch}/{stimuli}.zarr.zip"
COORDINATES = "results/coordinates/{model}/seed{seed}/{epoch}/{stimuli}.zarr.zip"
RDMS = "results/rdms/{measure}/{model}/seed{seed}/{epoch}/{stimuli}.h5"

METAMERS = "results/metamers/{model}/seed{seed}.h5"
LINEAR_RUN = "results/models/deep_linear/seed{seed}/{run}.h5"
LINEAR_GRID = "results/models/deep_linear/seed{seed}/grid.h5"

LAST = "last"
"""The `epoch` of the last weights; others are written `epoch003`."""


def stimuli_path(c: Configuration, stimuli: str, model: str, seed: int) -> str:
    """The file of the stimuli that a network (model and seed) is shown."""
    section = c.stimulus_section(stimuli)
    if not isinstance(section, Attacked):
        return STIMULI.format(stimuli=stimuli)
    attacker, attacker_seed = attacker_of(c, section, model, seed)
    return ATTACKED.format(stimuli=stimuli, model=attacker, seed=attacker_seed)


def attacker_of(c: Configuration, section: Attacked, model: str, seed: int) -> tuple[str, int]:
    """Whose gradients attack the stimuli that a network is shown: a model and its seed at the same place."""
    if section.model in (OWN, model):
        return model, seed
    seeds = c.models[section.model].seeds
    return section.model, seeds[c.models[model].seeds.index(seed) % len(seeds)]


def metadata(table: str) -> str:
    """The file with the metadata of a table, beside it."""
    return str(metadata_path(table))
