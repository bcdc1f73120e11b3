"""Gene-set masks as sparse matrices."""

import numpy as np
import scipy.sparse as sp
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pathfa.inference.problem.membership import membership, set_pairs, sparse_tensor


@settings(max_examples=30)
@given(st.integers(1, 8), st.integers(1, 6), st.integers(0, 10_000))
def test_set_pairs_are_the_outer_products_of_the_rows(n_features, n_sets, seed):
    rng = np.random.default_rng(seed)
    mask = rng.random((n_features, n_sets)) * (rng.random((n_features, n_sets)) < 0.5)

    pairs = set_pairs(sp.csr_matrix(mask)).toarray()

    np.testing.assert_allclose(pairs, np.einsum("gp,gq->gpq", mask, mask).reshape(n_features, -1))


def test_sparse_tensor_sums_what_is_given_twice():
    twice = sp.coo_matrix(([1.0, 2.0, 5.0], ([0, 0, 1], [1, 1, 0])), shape=(2, 3))

    np.testing.assert_array_equal(sparse_tensor(twice).to_dense(), [[0, 3, 0], [5, 0, 0]])


@settings(max_examples=30)
@given(st.integers(1, 8), st.integers(1, 6), st.integers(0, 10_000))
def test_products_with_some_sets_are_those_of_the_dense_mask(n_features, n_sets, seed):
    rng = np.random.default_rng(seed)
    mask = rng.random((n_features, n_sets)) * (rng.random((n_features, n_sets)) < 0.5)
    asked = rng.permutation(n_sets)[: rng.integers(n_sets + 1)].astype(np.int64)
    weight, root = rng.random(n_features), rng.standard_normal((len(asked), len(asked)))
    sets, index = membership(sp.csr_matrix(mask)), torch.as_tensor(asked)

    found = sets.weighted(torch.as_tensor(weight), index)
    variance = sets.variance(index, torch.as_tensor(root @ root.T))

    np.testing.assert_allclose(found, (mask[:, asked].T * weight) @ mask, atol=1e-12)
    np.testing.assert_allclose(variance, ((mask[:, asked] @ root) ** 2).sum(1), atol=1e-12)
    np.testing.assert_allclose(sets.squared_t.to_dense(), (mask**2).T)
    np.testing.assert_array_equal(sets.pairs.to_dense(), sets.pairs_t.to_dense().T)
