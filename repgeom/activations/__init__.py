"""Recording the activations of a network."""
