"""Pure equations with their sources: arrays in, arrays of the same shape out; no engine, no files, no state.

Pressures are absolute and in bar, temperatures in degC, everything else as in ``gridsim.units``. A number may stand wherever an array may.
Each function says within which limits it holds; outside of them it extrapolates and does not warn.
"""
