"""Questions that take many solves: what to build, and what if."""
