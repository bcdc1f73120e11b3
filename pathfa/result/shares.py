"""How much of the loadings of a factor its gene sets explain."""

from __future__ import annotations

import numpy as np


def explained_share(excess: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Return ``1 - |excess - given|^2 / |excess|^2`` per factor, K, between 0 and 1; 0 where a factor has no loadings.

    Parameters
    ----------
    excess
        Loadings beyond the background of the view, w - b, G x K.
    given
        What the gene sets alone say, c C U, G x K.
    """
    total, off = (excess**2).sum(axis=0), ((excess - given) ** 2).sum(axis=0)
    share: np.ndarray = np.clip(1.0 - np.divide(off, total, out=np.ones_like(off), where=total > 0), 0.0, 1.0)
    return share
