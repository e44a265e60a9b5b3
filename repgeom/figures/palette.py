"""Colours and markers of all figures, known without matplotlib.

Colours follow Okabe & Ito's palette, which readers with any common colour vision can tell apart.
"""

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE, GREY = "#F0E442", "#0072B2", "#D55E00", "#CC79A7", "#7F7F7F"
CYCLE = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, GREY, BLACK)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
