"""The wires: can the distribution network carry the dispatch in every hour, and what to do where it cannot."""
