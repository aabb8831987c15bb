"""Traceability: which source fed which user, hour by hour."""
