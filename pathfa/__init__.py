"""PathFA: Bayesian factor analysis of matched omics with gene sets in the prior of the loadings."""

import lazy_loader

# The public names stand in the stub beside this file; what holds a name is imported when it is first used.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
