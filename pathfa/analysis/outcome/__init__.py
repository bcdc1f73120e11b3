"""Survival, and a model of an outcome."""
