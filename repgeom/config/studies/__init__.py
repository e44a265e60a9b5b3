"""The studies: one module each, with its section and what may be wrong with it."""
