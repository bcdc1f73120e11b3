"""The generative model as a Pyro program, and cohorts drawn from it."""
