"""Which activities or scores are associated with which covariates."""
