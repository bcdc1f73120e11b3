"""What a fitted model says about covariates, outcome, views and itself."""

import lazy_loader

# The public names stand in the stub beside this file; what holds a name is imported when it is first used.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
