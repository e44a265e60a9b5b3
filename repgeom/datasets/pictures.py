"""Opening a picture that may come from anybody: plain files of a few formats, which run no other program."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from repgeom.errors import InputError

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
"""What the documentation names. Pillow knows many more, and has Ghostscript draw an EPS whatever it is called."""
MAX_BYTES = 1 << 28


@contextmanager
def open_picture(path: str | Path) -> Iterator[Image.Image]:
    """Open a picture for the block; what is in the file is read only there.

    Raises
    ------
    OSError
        It is no plain file, is too large, is of another format, or is damaged (also when the block finds out).
    """
    path = Path(path)
    if not path.is_file():
        raise OSError("it is no plain file")
    if (size := path.stat().st_size) > MAX_BYTES:
        raise OSError(f"{size} bytes are more than the {MAX_BYTES} that are read")
    try:
        with Image.open(path, formats=FORMATS) as picture:
            yield picture
    except InputError:  # what whoever reads it has to say, who knows better
        raise
    except Image.UnidentifiedImageError:
        raise OSError(f"none of {', '.join(FORMATS)}") from None
    except (
        ValueError,
        EOFError,
        IndexError,
        KeyError,
        TypeError,
        OverflowError,
        Image.DecompressionBombError,
    ) as error:
        raise OSError(str(error) or type(error).__name__) from error  # what its decoders raise on damaged files
