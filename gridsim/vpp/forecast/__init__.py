"""Forecasts of wind, sun, load and price: models, a user's own tables, scores, calibration."""
