"""Network architectures and loading."""
