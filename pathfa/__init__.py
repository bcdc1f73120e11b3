"""PathFA: Bayesian factor analysis of matched omics with gene sets in the prior of the loadings."""
