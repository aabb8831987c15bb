"""The page of a curtailment study: why power is curtailed and when, and what would save it."""
