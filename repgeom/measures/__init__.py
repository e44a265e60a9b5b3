"""Measures of representational geometry on arrays."""
