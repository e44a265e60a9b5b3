"""What networks are shown: titles, class names and numbers of classes, for rules that draw stimuli or answers."""

from collections.abc import Sequence

from repgeom.config.models import Attack
from repgeom.config.networks import Network
from repgeom.config.nouns import Nouns
from repgeom.config.stimuli import Attacked, strengths_of
from repgeom.workflow import artifacts


def shown_titles(c: Nouns, networks: Sequence[Network]) -> list[str]:
    """What each network is shown: label of the set, how and with whose gradients it was attacked.

    The same for the same file.
    """
    attackers = [_attacker(c, network) for network in networks]
    seeds = {model: {s for m, s in filter(None, attackers) if m == model} for model, _ in filter(None, attackers)}
    return [_title(c, network, who, seeds) for network, who in zip(networks, attackers, strict=True)]


def original_files(c: Nouns, networks: Sequence[Network]) -> list[str]:
    """The stimuli that each network is shown, before any attack: where the names of classes stand."""
    sections = [(network, c.stimulus_section(network.stimuli)) for network in networks]
    names = [section.of if isinstance(section, Attacked) else network.stimuli for network, section in sections]
    return [artifacts.STIMULI.format(stimuli=name) for name in names]


def class_counts(c: Nouns, networks: Sequence[Network]) -> dict[str, int | None]:
    """Stimulus set → number of classes of its dataset; None where its folder is not there."""
    return {network.set: c.n_classes(c.dataset_of(network.set)) for network in networks}


def changed_by(c: Nouns, network: Network) -> str:
    """What was done at several strengths to the stimuli that a network is shown: `attack`, or a perturbation."""
    return strengths_of(c.stimuli[network.set])[0]


def _attacker(c: Nouns, network: Network) -> tuple[str, int] | None:
    """The model and seed whose gradients attacked what a network is shown."""
    section = c.stimuli[network.set]
    if not isinstance(section, Attacked):
        return None
    return c.attacker_of(section, network.model, network.seed)


def _attack(attack: Attack) -> str:
    """`FGSM, ε = 0.2`; from the weakest to the strongest where there are several."""
    several = attack.epsilon if isinstance(attack.epsilon, list) else [attack.epsilon]
    strengths = " – ".join(f"{epsilon:g}" for epsilon in dict.fromkeys((min(several), max(several))))
    return f"{attack.method.upper().replace('_', ' ')}, ε = {strengths}"


def _title(c: Nouns, network: Network, attacker: tuple[str, int] | None, seeds: dict[str, set[int]]) -> str:
    repetition = f", repetition {network.repetition}" if network.repetition > 1 else ""
    title = c.stimuli_label(network.set) + repetition
    if attacker is None:
        return title
    model, seed = attacker
    title = f"{title} ({_attack(c.stimuli[network.set].attack)})"
    return f"{title}: {c.model_label(model)}" + (f", seed {seed}" if len(seeds[model]) > 1 else "")
