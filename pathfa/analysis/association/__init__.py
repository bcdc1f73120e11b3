"""Which activities or scores go with which covariates."""
