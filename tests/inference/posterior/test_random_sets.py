"""Sums over random members against all that there are."""

from itertools import permutations, product

import numpy as np
import pytest
import scipy.sparse as sp

from pathfa.inference.posterior.random_sets import Comparison, MemberMeans, RandomMembers

FEATURES = [
    np.array([0, 1, 2, 3]),
    np.array([5, 4, 1, 2, 3]),
]  # genes 1 to 3 in both views, 0 in one, 4 and 5 in the other
GROUPS = np.array([0, 1, 1, 1, 2, 2])


def drawn(seed, columns, signed):
    rng = np.random.default_rng(seed)
    entries = [-2.0, 0.0, 0.5, 1.0] if signed else [0.0, 1.0]
    masks = [sp.csr_matrix(rng.choice(entries, size=(len(genes), 4))) for genes in FEATURES]
    return masks, [rng.normal(size=(len(genes), columns)) for genes in FEATURES]


def every_sum(masks, shown):
    """Return the sums over members of all exchanges of genes within their groups, draws x P x C."""
    parts = [np.flatnonzero(group == GROUPS) for group in np.unique(GROUPS)]
    found = []
    for orders in product(*(permutations(part) for part in parts)):
        other = np.arange(len(GROUPS))
        for part, order in zip(parts, orders, strict=True):
            other[part] = order
        total = 0.0
        for genes, mask, values in zip(FEATURES, masks, shown, strict=True):
            row = {gene: place for place, gene in enumerate(genes)}
            total = total + mask[[row[other[gene]] for gene in genes]].T @ values
        found.append(total)
    return np.array(found)


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize(("seed", "columns"), [(0, 1), (1, 2), (2, 3)])
def test_moments_are_those_of_all_exchanges(seed, columns, signed):
    masks, shown = drawn(seed, columns, signed)
    members, every = RandomMembers(masks=masks, genes=FEATURES, groups=GROUPS), every_sum(masks, shown)
    real = sum(mask.T @ values for mask, values in zip(masks, shown, strict=True))
    np.testing.assert_allclose(members.sums(shown), real)
    np.testing.assert_allclose(members.expected(shown), every.mean(axis=0), atol=1e-12)
    about = every - every.mean(axis=0)
    np.testing.assert_allclose(
        members.covariance(shown), np.einsum("dpc,dpe->pce", about, about) / len(every), atol=1e-12
    )
    np.testing.assert_allclose(
        members.absolute.sums(shown), sum(abs(m).T @ t for m, t in zip(masks, shown, strict=True))
    )


@pytest.mark.parametrize("seed", [0, 1])
def test_each_gene_is_left_out_of_a_covariate_that_the_genes_make(seed):
    """What goes with a weighted sum of noise is the gene itself; without it, nothing is left on average."""
    rng, genes = np.random.default_rng(seed), np.arange(200)
    mask = sp.csr_matrix(np.repeat([[1.0], [0.0]], [10, 190], axis=0))
    members = RandomMembers(masks=[mask], genes=[genes], groups=np.zeros(200, dtype=int))
    weights = mask.toarray()
    everything = {"rows": np.ones(50, dtype=bool), "adjust": np.empty((50, 0))}
    told, naive = [], []
    for _ in range(200):
        values = rng.normal(size=(50, 200))
        means, made = MemberMeans(members, [values]), values @ weights
        told.append(means.p_values(Comparison(columns=made, weights=[weights], **everything))[0])
        naive.append(means.p_values(Comparison(columns=made, **everything))[0])
    assert max(naive) < 0.01
    assert 0.01 < np.mean(np.array(told) < 0.05) < 0.1
