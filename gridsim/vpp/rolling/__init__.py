"""Operation of a park that does not know the future: plans, plans again, and what became of them."""
