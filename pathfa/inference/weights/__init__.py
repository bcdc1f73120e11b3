"""Gene-set weights: their update, their curvature and their inclusion."""
