"""Colours and markers of all figures, known without matplotlib: one colour for a concept, in whatever figure it is.

Colours of models and of whatever else is told apart by hue follow Okabe & Ito's palette, those of classes Paul Tol's
"muted" one; readers with any common colour vision can tell them apart. What is ordered, such as layers, is drawn from
dark to light.
"""

from collections.abc import Mapping

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE, GREY = "#F0E442", "#0072B2", "#D55E00", "#CC79A7", "#7F7F7F"
CYCLE = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, GREY, BLACK)
CLASSES = ("#332288", "#CC6677", "#117733", "#88CCEE", "#882255", "#DDAA33", "#44AA99", "#AA4499", "#999933", "#555555")
DEPTHS = ("#3B0F70", "#A3307E", "#E65164", "#F08A46", "#C9A227")
"""Of the layers of a network, from its input on; more than these are drawn from the same range."""
SHADES = ("#000000", "#8C8C8C", "#4D4D4D", "#B8B8B8")
"""Of stimulus sets that one network is shown."""
PROPERTIES = {
    "category": PURPLE,
    "location": BLUE,
    "x": BLUE,
    "y": SKY,
    "orientation": VERMILION,
    "scale": GREEN,
    "auxiliary": BLACK,
    "category_within": PURPLE,
    "category_across": GREY,
}
"""Of what stimuli vary in, and of what is decoded from networks or exchanged in them."""
CAPACITY_METHODS = ("#000000", "#882255", "#44AA99")
"""Of capacity by mean-field theory, conic projection and simulation."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
STYLES = ("-", "--", ":", "-.")


def model_colours(models: Mapping[str, Mapping]) -> dict[str, str]:
    """The colour of each model (name → `colour`): its own, or where some share one, all of the palette."""
    own = {name: look["colour"] for name, look in models.items()}
    if len(set(own.values())) == len(own):
        return own
    return {name: CYCLE[i % len(CYCLE)] for i, name in enumerate(models)}


def depth_colours(n: int) -> list[str]:
    """Colours of n layers, dark for the first; the same for the same place among few of them."""
    if n <= len(DEPTHS):
        return list(DEPTHS[:n])
    places = [i * (len(DEPTHS) - 1) / (n - 1) for i in range(n)]
    return [_between(DEPTHS[int(p)], DEPTHS[min(int(p) + 1, len(DEPTHS) - 1)], p % 1) for p in places]


def _between(first: str, second: str, way: float) -> str:
    parts = [(int(first[i : i + 2], 16), int(second[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + way * (b - a)):02X}" for a, b in parts)
