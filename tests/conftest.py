"""Stands here so that every folder of tests can import from the others, such as ``hand_solved.parks``."""
