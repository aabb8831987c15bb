"""What every rule costs, as text, as a sheet and as a page, in two languages; from the record of `gridsim.rules.costs` alone."""
