"""What comes with the project beside its code: images, weights and published numbers."""

from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "resources"
"""Beside the package: the project is installed from its own folder, and run from any other."""
