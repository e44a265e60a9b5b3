"""From measures to tidy tables: a module for each kind of analysis. Tables of one network come first, figures join them."""
