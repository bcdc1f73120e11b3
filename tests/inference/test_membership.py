"""Gene-set masks as sparse matrices."""

import numpy as np
import scipy.sparse as sp
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pathfa.inference.membership import membership, set_pairs, sparse_tensor


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 8), st.integers(1, 6), st.integers(0, 10_000))
def test_set_pairs_are_the_outer_products_of_the_rows(n_features, n_sets, seed):
    rng = np.random.default_rng(seed)
    mask = rng.random((n_features, n_sets)) * (rng.random((n_features, n_sets)) < 0.5)

    pairs = set_pairs(sp.csr_matrix(mask)).toarray()

    np.testing.assert_allclose(pairs, np.einsum("gp,gq->gpq", mask, mask).reshape(n_features, -1))


def test_sparse_tensor_sums_what_is_given_twice():
    twice = sp.coo_matrix(([1.0, 2.0, 5.0], ([0, 0, 1], [1, 1, 0])), shape=(2, 3))

    np.testing.assert_array_equal(sparse_tensor(twice).to_dense(), [[0, 3, 0], [5, 0, 0]])


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 8), st.integers(1, 6), st.integers(0, 10_000))
def test_columns_are_those_of_the_mask_in_the_order_asked_for(n_features, n_sets, seed):
    rng = np.random.default_rng(seed)
    mask = rng.random((n_features, n_sets)) * (rng.random((n_features, n_sets)) < 0.5)
    asked = rng.permutation(n_sets)[: rng.integers(n_sets + 1)]
    sets = membership(sp.csr_matrix(mask))

    np.testing.assert_array_equal(sets.columns(torch.as_tensor(asked)), mask[:, asked])
    np.testing.assert_allclose(sets.squared_t.to_dense(), (mask**2).T)
    np.testing.assert_array_equal(sets.pairs.to_dense(), sets.pairs_t.to_dense().T)
