"""The letters of all figures: those that come with Matplotlib, whatever else a machine has under the same name.

Which of two files of one name Matplotlib takes depends on what its cache found first, and a PDF holds the file's bytes.
"""

from dataclasses import replace
from pathlib import Path

from matplotlib import get_data_path
from matplotlib.font_manager import fontManager, get_font, ttfFontProperty

FAMILY = "repgeom sans"
"""What DejaVu Sans of Matplotlib's own folder is called in the style of the house."""
FILES = "DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf", "DejaVuSans-BoldOblique.ttf"


def name_own_fonts() -> None:
    """Let Matplotlib know the family; once, and again where it has searched the machine anew meanwhile."""
    if all(font.name != FAMILY for font in fontManager.ttflist):
        folder = Path(get_data_path(), "fonts", "ttf")
        found = [ttfFontProperty(get_font(folder / file)) for file in FILES]
        fontManager.ttflist.extend(replace(font, name=FAMILY) for font in found)
