"""How alike gene sets are by their members."""

from __future__ import annotations

import numpy as np
from scipy import sparse


def jaccard(mask: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return the Jaccard similarity of the columns of a mask, P x P, with zeros left out.

    Parameters
    ----------
    mask
        G x P; every entry but 0 is a member.
    """
    member = (mask != 0).astype(float)
    shared = sparse.coo_matrix(member.T @ member)
    sizes = np.asarray(member.sum(axis=0)).ravel()
    both = sizes[shared.row] + sizes[shared.col] - shared.data
    return sparse.csr_matrix((shared.data / both, (shared.row, shared.col)), shape=shared.shape)
