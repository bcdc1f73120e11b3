from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from pathfa.analysis import overlap, redundancy
from pathfa.core.errors import ConfigError
from pathfa.result.defaults import all_members


def with_copy(result, swapped):
    """Return a model with one more gene set: a copy of set0 in which ``swapped`` members are other genes."""
    mask = result.masks["rna"].toarray()
    copy = mask[:, [0]].copy()
    inside, outside = np.flatnonzero(copy[:, 0]), np.flatnonzero(copy[:, 0] == 0)
    copy[inside[:swapped]], copy[outside[:swapped]] = 0.0, 1.0
    grown = sp.csr_matrix(np.hstack([mask, copy]))

    def add(table, value):
        extra = pd.DataFrame(value, index=["copy"], columns=table.columns)
        return pd.concat([table, extra])

    return replace(
        result,
        gene_set_weights=add(result.gene_set_weights, 0.0),
        alpha=add(result.alpha, np.inf),
        gene_set_probability=add(result.gene_set_probability, 0.0),
        masks=dict.fromkeys(result.masks, grown),
        member_probability=all_members(dict.fromkeys(result.masks, grown)),
        gene_sets={**result.gene_sets, "copy": []},
    )


def test_overlap_is_jaccard(make_result):
    table = overlap(with_copy(make_result(features=120), 2))
    assert table.loc["set0", "copy"] == pytest.approx(8 / 12)
    assert np.allclose(np.diag(table), 1.0)
    assert table.loc["set0", "set1"] == 0.0


def test_an_identical_set_shares_the_place(result):
    found = redundancy(with_copy(result, 0))
    pair = found[found["feature"].isin(["set0", "copy"])]
    assert len(set(pair["cluster"])) == 1
    assert pair["probability"].tolist() == pytest.approx([0.5, 0.5])
    assert pair["credible"].all()
    assert pair["effect"].tolist() == pytest.approx([0.0, 0.0])


def test_a_worse_set_cannot_replace(make_result):
    found = redundancy(with_copy(make_result(features=120), 3)).set_index("feature")
    assert found.loc["set0", "probability"] > 0.99
    assert not found.loc["copy", "credible"]
    assert found.loc["copy", "effect"] < -5


def test_gain_is_the_evidence_of_one_weight(result):
    """The gain equals the exact change of a Gaussian log evidence when one ARD weight enters."""
    found = redundancy(result).set_index("feature")
    assert found["cluster"].is_unique  # gene sets do not overlap: each stands alone
    scores, others = result.scores.to_numpy(), result.gene_set_weights.to_numpy()[:, 0].copy()
    others[0] = 0.0
    members, rests, precisions = [], [], []
    for view in result.view_names:
        mask, w = result.masks[view].toarray(), result.loadings[view].to_numpy()
        size = scores[:, 0] @ scores[:, 0]
        # least squares of the loading on the first factor, everything else held
        target = w[:, 0] + (result.data[view].to_numpy() - scores @ w.T).T @ scores[:, 0] / size
        members.append(mask[:, 0])
        rests.append(target - mask @ others)
        precisions.append(1.0 / (1.0 / result.omega[view].iloc[0] + result.noise[view].to_numpy() ** 2 / size))
    c, r, t = (np.concatenate(parts) for parts in (members, rests, precisions))

    def log_evidence(variance):
        a = c @ (t * c)
        b = c @ (t * r)
        return 0.5 * (b**2 * variance / (1 + a * variance) - np.log1p(a * variance))

    best = max(log_evidence(v) for v in np.geomspace(1e-4, 1e4, 4000))
    assert found.loc["set0", "statistic"] == pytest.approx(best, rel=1e-4)


def test_bad_options(result):
    with pytest.raises(ConfigError, match="keep_data"):
        redundancy(replace(result, data={}))
    with pytest.raises(ConfigError, match="min_overlap"):
        redundancy(result, 0.0)
