"""The errors a user of repgeom can cause, and therefore can mend."""


class InputError(ValueError):
    """Bad input, found at the boundary: says what is wrong, where, and what to do."""
