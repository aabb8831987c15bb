"""The park as a virtual power plant: what its flexibility is worth when the future is not known."""
