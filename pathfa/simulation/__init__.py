"""The model: its choices, its Pyro program and the cohorts drawn from it."""
