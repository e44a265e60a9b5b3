"""From tidy tables to matplotlib figures."""
