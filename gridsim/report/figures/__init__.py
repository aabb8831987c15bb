"""One figure a file: each reads a `RunView` and returns `Figure`s as plain data, or nothing where the figure makes no sense."""
