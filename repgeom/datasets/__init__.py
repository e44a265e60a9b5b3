"""Images with labels, by source."""
