"""The page of a park as a virtual power plant: how it is operated, what it can give, what it lives through, what it sells."""
