"""From measures to the tidy tables of each study."""
