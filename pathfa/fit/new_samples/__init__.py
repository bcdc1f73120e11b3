"""Samples that are given to a finished model: what they are worth, their scores, activities and expected values."""
