"""``python -m gridsim``."""

from gridsim.cli import main

main()
