"""Loads from annual energy: what a plant, an office or a furnace draws through a year.

``request`` says what may be asked for, ``file`` reads many requests from a user's ``loads.yaml``, ``series`` makes the year.
"""
