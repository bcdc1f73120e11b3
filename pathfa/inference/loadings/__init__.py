"""Posterior of the loadings given the scores, one structure per kind of feature."""
