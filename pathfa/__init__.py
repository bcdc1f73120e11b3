"""PathFA: Bayesian factor analysis of matched omics with gene sets in the prior of the loadings."""

import sys
from typing import Any

import lazy_loader

# The public names stand in the stub beside this file; what holds a name is imported when it is first used.
_public, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> Any:
    if sys.flags.optimize > 1 and name in __all__ and name not in ("errors", "__version__"):
        msg = (
            "anndata cannot be imported without its docstrings. Fix: start Python with -O, or without, in place of -OO"
        )
        raise ImportError(msg)
    return _public(name)
