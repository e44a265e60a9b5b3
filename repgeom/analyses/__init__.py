"""From measures to tidy tables: a module for each kind of analysis.

Tables of single networks come first; what an analysis draws joins them.
"""
