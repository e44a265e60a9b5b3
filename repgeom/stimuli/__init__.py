"""Which images a network is shown."""
