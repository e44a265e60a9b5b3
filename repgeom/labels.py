"""Text that figures show: what cannot be drawn as it stands is told before anything is."""

LAST_LATIN = 0x24F


def label_fault(text: str) -> str | None:
    """Why a figure cannot show a text, and what to do; None where it can."""
    if not text.isprintable():
        return f"{text!r} holds what cannot be printed in one line; write it without"
    missing = [letter for letter in text if ord(letter) > LAST_LATIN and not _has_glyph(letter)]
    return (
        f"figures have no glyph for {missing[0]!r} (U+{ord(missing[0]):04X}); write it in other letters"
        if missing
        else None
    )


def _has_glyph(letter: str) -> bool:
    from matplotlib import font_manager  # asked only of letters that are not Latin

    font = font_manager.get_font(font_manager.findfont("DejaVu Sans"))
    return font.get_char_index(ord(letter)) > 0
