"""Checks that fit the model again: other samples, other gene sets."""
