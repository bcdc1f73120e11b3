"""Every structured matrix against the dense matrices that it stands for."""

from dataclasses import dataclass

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from torch import Tensor

from pathfa.inference.loadings.quadratic import (
    DenseQuadratic,
    FactorQuadratic,
    KroneckerQuadratic,
    Quadratic,
    SumQuadratic,
)
from pathfa.inference.loadings.structured import (
    CombinedPrecision,
    DenseMatrices,
    DiagonalCov,
    FeatureMatrices,
    JointCov,
    pair_cov,
)
from pathfa.inference.problem.membership import Membership, membership

P, K = 6, 3
SCALE = torch.tensor([0.5, 2.0, 0.0], dtype=torch.float64)


def draw(seed: int, *shape: int) -> Tensor:
    return torch.as_tensor(np.random.default_rng(seed).standard_normal(shape))


def gene_sets(seed: int, n_features: int = 20) -> Membership:
    rng = np.random.default_rng(seed)
    mask = rng.random((n_features, P)) * (rng.random((n_features, P)) < 0.4)
    mask[[3, 7]] = 0.0
    return membership(sp.csr_matrix(mask))


SETS = gene_sets(0)
A = len(SETS.annotated)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A structured matrix and its dense twin."""

    structured: FeatureMatrices | Quadratic
    dense: Tensor


def joint() -> Pair:
    active, root = torch.tensor([0, 2, 7, 8, 13, 17]), draw(1, 6, 6)
    full = torch.zeros(P * K, P * K, dtype=torch.float64)
    full[active[:, None], active] = root @ root.T
    mask = SETS.mask.to_dense()[SETS.annotated]
    projection = torch.stack([torch.block_diag(*[row[None]] * K) for row in mask])  # A x K x K P
    return Pair(
        structured=JointCov(SETS.pairs, SETS.pairs_t, pair_cov(active, root @ root.T, P, K)),
        dense=projection @ full @ projection.mT,
    )


def diagonal() -> Pair:
    variance = draw(2, A, K) ** 2
    return Pair(structured=DiagonalCov(variance), dense=torch.diag_embed(variance))


def dense() -> Pair:
    root = draw(3, A, K, K)
    return Pair(structured=DenseMatrices(root @ root.mT), dense=root @ root.mT)


def scaled(pair: Pair) -> Pair:
    again = torch.tensor([3.0, 1.0, 2.0], dtype=torch.float64)
    square = torch.outer(SCALE * again, SCALE * again)
    return Pair(structured=pair.structured.scaled(SCALE).scaled(again), dense=pair.dense * square)


def taken(pair: Pair) -> Pair:
    index = torch.arange(A - 1, -1, -1)  # all, in another order
    return Pair(structured=pair.structured.take(index), dense=pair.dense[index])


def combined() -> Pair:
    coefficients, basis = draw(4, A, 2), draw(5, 2, K, K)
    basis = basis + basis.mT
    return Pair(
        structured=CombinedPrecision(coefficients, basis), dense=torch.einsum("gr,rkl->gkl", coefficients, basis)
    )


COVARIANCES = {
    **{kind.__name__: kind() for kind in (joint, diagonal, dense)},
    **{f"scaled {kind.__name__}": scaled(kind()) for kind in (joint, diagonal, dense)},
    **{f"taken {kind.__name__}": taken(scaled(kind())) for kind in (joint, diagonal, dense)},
}
PRECISIONS = {"dense": dense(), "combined": combined()}


def factor(seed: int) -> Pair:
    """Return ``C' diag(w) C``."""
    sets, weight = gene_sets(seed), draw(seed, 20) ** 2
    mask = sets.mask.to_dense()
    return Pair(structured=FactorQuadratic(sets, weight), dense=mask.T @ (weight[:, None] * mask))


def kronecker() -> Pair:
    pairs, basis = draw(8, P, P, 3), draw(9, 3, K, K)
    pairs, basis = pairs + pairs.transpose(0, 1), basis + basis.mT
    matrix = sum(torch.kron(basis[r].contiguous(), pairs[:, :, r].contiguous()) for r in range(3))
    return Pair(structured=KroneckerQuadratic(pairs, basis), dense=matrix)


def total() -> Pair:
    parts = [factor(10), factor(11)]
    return Pair(structured=SumQuadratic([part.structured for part in parts]), dense=parts[0].dense + parts[1].dense)


def of_precision(pair: Pair) -> Pair:
    """Return ``sum_g (c c' * A_g) kron C_g' C_g``."""
    mask = SETS.mask.to_dense()[SETS.annotated]
    products = pair.dense * torch.outer(SCALE, SCALE)
    matrix = sum(torch.kron(a, torch.outer(row, row)) for a, row in zip(products, mask, strict=True))
    return Pair(structured=pair.structured.quadratic(SETS, SCALE), dense=matrix)


QUADRATICS = {
    "dense": lambda: Pair(structured=DenseQuadratic(dense().dense[0]), dense=dense().dense[0]),
    "factor": lambda: factor(7),
    "kronecker": kronecker,
    "sum": total,
    "of dense precisions": lambda: of_precision(dense()),
    "of combined precisions": lambda: of_precision(combined()),
}


class TestAgainstDense:
    """What a structured matrix returns is what its dense twin gives."""

    @pytest.mark.parametrize("pair", [*COVARIANCES.values(), *PRECISIONS.values()], ids=[*COVARIANCES, *PRECISIONS])
    def test_to_dense(self, pair):
        torch.testing.assert_close(pair.structured.to_dense(), pair.dense)

    @pytest.mark.parametrize("pair", COVARIANCES.values(), ids=COVARIANCES)
    def test_sums_of_covariances(self, pair):
        weights, matrices = draw(20, A, 4), draw(21, A, K, K)

        torch.testing.assert_close(
            pair.structured.weighted_sum(weights), torch.einsum("gr,gkl->rkl", weights, pair.dense)
        )
        torch.testing.assert_close(pair.structured.hadamard_sum(matrices), (matrices * pair.dense).sum(0))

    @pytest.mark.parametrize("pair", COVARIANCES.values(), ids=COVARIANCES)
    def test_products_of_covariances_with_one_matrix(self, pair):
        matrix, basis, d, lam = draw(22, K, K), draw(23, K, 2), draw(24, A, 2), draw(25, A, 1) ** 2
        symmetric = matrix + matrix.T
        product = basis.T @ pair.dense @ basis

        found = pair.structured.projections(basis, d, lam)

        torch.testing.assert_close(
            pair.structured.trace_product(symmetric), torch.einsum("kl,gkl->g", symmetric, pair.dense)
        )
        torch.testing.assert_close(found.diagonal, product.diagonal(dim1=1, dim2=2))
        torch.testing.assert_close(found.half, torch.einsum("gj,kj,gkl->jl", lam * d, basis, pair.dense))
        torch.testing.assert_close(found.weighted, torch.einsum("gi,gj,gij->ij", lam * d, d, product))
        torch.testing.assert_close(found.plain, torch.einsum("gi,gj,gij->ij", d, d, product))

    @pytest.mark.parametrize("cov", COVARIANCES.values(), ids=COVARIANCES)
    @pytest.mark.parametrize("pair", PRECISIONS.values(), ids=PRECISIONS)
    def test_rows_and_moments_of_precisions(self, pair, cov):
        mean = draw(26, A, K)
        second = mean[:, :, None] * mean[:, None, :] + cov.dense

        torch.testing.assert_close(pair.structured.row(1), pair.dense[:, 1])
        torch.testing.assert_close(pair.structured.moment(mean, cov.structured), (pair.dense * second).sum(0))

    @pytest.mark.parametrize("make", QUADRATICS.values(), ids=QUADRATICS)
    @pytest.mark.parametrize("asked", [[[2, 1]], [[2, 1], [1, 0, 2]], [[2], []], [[0, 1, 2], [2, 0]]])
    def test_diagonal_and_rows_of_quadratics_whatever_was_asked_for_before(self, make, asked):
        pair = make()

        torch.testing.assert_close(pair.structured.diagonal, pair.dense.diagonal())
        for index in asked:
            chosen = torch.tensor(index, dtype=torch.int64)
            torch.testing.assert_close(pair.structured.rows(chosen), pair.dense[chosen])
        every = torch.arange(len(pair.dense))
        torch.testing.assert_close(pair.structured.rows(every), pair.dense)
