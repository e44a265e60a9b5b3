"""Reading and writing artifacts."""
