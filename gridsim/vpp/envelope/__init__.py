"""How much a park can give at its connection, for how long, and what that costs."""
