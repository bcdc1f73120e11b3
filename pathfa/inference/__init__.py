"""Inference in closed form; tensors only, no labels and no files."""
