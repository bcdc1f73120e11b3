"""Names of factors: what sets each apart."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pathfa.core.names import factor_id
from pathfa.result.labels import factor_names, split_by_view, strongest_genes

SIZES = st.tuples(st.integers(1, 6), st.integers(1, 5), st.integers(1, 3))


@st.composite
def factors(draw):
    """Return weights P x K, where K factors are seen, K x views, and their genes."""
    sets, size, views = draw(SIZES)
    weights = draw(arrays(float, (sets, size), elements=st.sampled_from([0.0, 0.3, 1.0, 1.1, 2.0, 3.0])))
    seen = draw(arrays(bool, (size, views)))
    index = [f"HALLMARK_SET{p}" for p in range(sets)]
    genes = [[f"G{k}A", f"G{k}B"] for k in range(size)]
    return pd.DataFrame(weights, index=index), pd.DataFrame(seen, columns=[f"v{m}" for m in range(views)]), genes


def parts_of(name, views):
    label = name.partition(" ")[2]
    for view in views:
        label = label.removesuffix(f" ({view})")
    return set(label.split(" + "))


@given(factors())
def test_no_two_factors_of_the_same_view_share_a_gene_set_in_their_names(made):
    weights, seen, genes = made
    names = factor_names(weights, seen=seen, genes=genes)
    assert [factor_id(name) for name in names] == [f"F{k + 1}" for k in range(len(names))]
    assert len({name.partition(" ")[2] for name in names}) == len(names)
    everywhere = seen.to_numpy() | ~seen.to_numpy().any(axis=1, keepdims=True)
    for a, first in enumerate(names):
        for b, second in enumerate(names[:a]):
            if (everywhere[a] & everywhere[b]).any():
                assert not parts_of(first, seen.columns) & parts_of(second, seen.columns)


@given(factors())
def test_a_view_is_named_where_it_is_the_only_one_of_several(made):
    weights, seen, genes = made
    for name, (_, row) in zip(factor_names(weights, seen=seen, genes=genes), seen.iterrows(), strict=True):
        alone = len(row) > 1 and row.sum() == 1
        assert name.endswith(")") == alone
        if alone:
            assert name.endswith(f"({row.idxmax()})")


def test_a_factor_without_gene_sets_of_its_own_is_named_after_its_strongest_genes_in_its_view():
    loadings = {
        "rna": pd.DataFrame(np.diag([1.0, 9.0, 0.1]), index=["A", "B", "C"]),
        "protein": pd.DataFrame([[0.0, 0.0, -3.0], [0.0, 0.0, 2.0]], index=["D", "E"]),
    }
    explained = pd.DataFrame({"rna": [0.3, 0.2, 0.0], "protein": [0.0, 0.1, 0.2]})
    genes = strongest_genes(loadings, explained, most=1)
    assert genes == [["A"], ["B"], ["D"]]
    assert factor_names(pd.DataFrame(np.zeros((1, 3)), index=["X"]), genes=genes) == ["F1 A", "F2 B", "F3 D"]
    assert factor_names(pd.DataFrame(np.zeros((1, 1)), index=["X"])) == ["F1 unannotated"]


def test_a_factor_whose_loadings_are_all_0_is_named_after_none():
    loadings = {"rna": pd.DataFrame([[2.0, 0.0], [0.0, 0.0], [-1.0, 0.0]], index=["A", "B", "C"])}
    genes = strongest_genes(loadings, pd.DataFrame({"rna": [0.3, 0.0]}))
    assert genes == [["A", "C"], []]
    assert factor_names(pd.DataFrame(np.zeros((1, 2)), index=["X"]), genes=genes) == ["F1 A, C", "F2 unannotated"]


def test_a_programme_is_split_where_factors_of_different_views_lead_with_it():
    names = ["F1 EMT + x (rna)", "F2 EMT (protein)", "F3 EMT2 (protein)", "F4 y (rna)", "F5 y"]
    assert split_by_view(names, ["rna", "protein"]) == {"EMT": {"rna": names[0], "protein": names[1]}}
