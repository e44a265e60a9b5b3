"""The typed configuration: one module per noun."""
