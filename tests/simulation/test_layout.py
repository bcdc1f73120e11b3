"""Which gene sets, features and samples a simulated cohort has."""

import numpy as np
import pandas as pd
import pytest

from pathfa.core.errors import ConfigError
from pathfa.simulation.layout import (
    all_genes,
    check,
    deal_factors,
    draw_presence,
    gene_set_mask,
    hide_entries,
    make_gene_sets,
)


@pytest.fixture
def rng():
    return np.random.default_rng(4)


def test_check_names_every_wrong_option():
    with pytest.raises(ConfigError) as caught:
        check({"a": (-1, False, "a positive number"), "b": (2, True, "anything"), "c": ("x", False, "a letter")})

    assert [finding.place for finding in caught.value.findings] == ["a", "c"]


def test_made_gene_sets_have_the_asked_sizes_and_overlap(rng):
    sets = make_gene_sets(30, (10, 25), rng)

    assert len(sets) == 30
    assert all(10 <= len(members) <= 25 and len(set(members)) == len(members) for members in sets.values())
    counts = pd.Series([gene for members in sets.values() for gene in members]).value_counts()
    assert (counts > 1).mean() > 0.1


def test_given_gene_sets_are_kept_without_repeats(rng):
    assert make_gene_sets({"A": ["x", "y", "x"]}, (5, 10), rng) == {"A": ["x", "y"]}


@pytest.mark.parametrize(
    ("sets", "size", "place"),
    [(0, (5, 10), "gene_sets"), ({}, (5, 10), "gene_sets"), (3, (10, 5), "set_size"), (3, (0, 5), "set_size")],
)
def test_gene_sets_that_cannot_be_made(sets, size, place, rng):
    with pytest.raises(ConfigError, match=place):
        make_gene_sets(sets, size, rng)


def test_three_quarters_of_the_sets_are_dealt_each_to_one_factor(rng):
    names = [f"S{i}" for i in range(20)]

    factors = deal_factors(4, names, rng)

    dealt = [name for members in factors.values() for name in members]
    assert len(dealt) == len(set(dealt)) == 15
    assert sorted(len(members) for members in factors.values()) == [3, 4, 4, 4]


def test_as_many_factors_as_sets_use_every_set(rng):
    factors = deal_factors(3, ["a", "b", "c"], rng)

    assert sorted(factors.values()) == [["a"], ["b"], ["c"]]


@pytest.mark.parametrize("factors", [-1, 4, {"f": ["a", "unknown"]}])
def test_factors_that_cannot_be_dealt(factors, rng):
    with pytest.raises(ConfigError):
        deal_factors(factors, ["a", "b", "c"], rng)


def test_genes_of_sets_come_first_and_none_twice():
    assert all_genes({"A": ["z", "b"], "B": ["b"]}, ["q", "b", "q"]) == ["b", "z", "q"]
    assert all_genes({"A": ["z"]}, 2) == ["z", "OTHER1", "OTHER2"]


def test_a_negative_number_of_other_genes_is_refused():
    with pytest.raises(ConfigError, match="other_features"):
        all_genes({"A": ["z"]}, -1)


def test_mask_holds_membership():
    mask = gene_set_mask(pd.Index(["a", "b", "c"]), {"A": ["c", "a"], "B": ["b", "not measured"]})

    np.testing.assert_array_equal(mask, [[1, 0], [0, 1], [1, 0]])


def test_presence_has_the_asked_fractions_and_leaves_no_sample_without_a_view(rng):
    presence = draw_presence({"a": 0.5, "b": 0.6, "c": 0.0}, 40, rng)

    table = np.stack(list(presence.values()))
    assert table.any(axis=0).all()
    assert (~presence["a"]).sum() == 20
    assert (~presence["b"]).sum() == 24
    assert presence["c"].all()


def test_hidden_entries_have_the_asked_fraction(rng):
    values = rng.standard_normal((50, 40))

    at_random, when_low = hide_entries(values, 0.2, False, rng), hide_entries(values, 0.2, True, rng)

    assert np.isnan(at_random).sum() == np.isnan(when_low).sum() == 400
    np.testing.assert_array_equal(at_random[~np.isnan(at_random)], values[~np.isnan(at_random)])
    assert values[np.isnan(when_low)].mean() < -0.8
    assert abs(values[np.isnan(at_random)].mean()) < 0.2
    assert not np.isnan(values).any()
