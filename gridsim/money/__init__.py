"""Money over a project's life: investment, cash flow, returns, levelised costs, replacement, and the comparison with business as usual."""
