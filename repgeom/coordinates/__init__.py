"""Exact reduction of activations to coordinates."""
