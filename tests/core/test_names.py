"""Names of gene sets and factors, in whatever spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathfa.core.errors import ConfigError
from pathfa.core.names import column_words, columns_called, find_factor, find_gene_set, find_name, readable

WORDS = st.text(st.sampled_from("ABCXYZ019"), min_size=1, max_size=6)
SETS = st.lists(st.lists(WORDS, min_size=1, max_size=4).map(lambda words: "HALLMARK_" + "_".join(words)), min_size=1)


@given(SETS, st.data())
def test_every_spelling_of_a_gene_set_finds_it_or_says_which_are_called_so(names, data):
    name = data.draw(st.sampled_from(names))
    spelling = data.draw(st.sampled_from([name, readable(name), name.lower(), f" {readable(name)} ".upper()]))
    known = list(dict.fromkeys(names))
    try:
        found = find_gene_set(spelling, known)
    except ConfigError as error:
        (finding,) = error.findings
        assert name in finding.examples
        assert len(finding.examples) > 1
    else:
        assert readable(found).casefold().split() == readable(name).casefold().split() or found == name


@pytest.mark.parametrize("spelling", ["F2", "f2", "F2 EMT (protein)", "emt (protein)", "f2 EMT  (Protein)"])
def test_every_spelling_of_a_factor_finds_it(spelling):
    assert find_factor(spelling, ["F1 EMT (rna)", "F2 EMT (protein)", "F12 hypoxia"]) == "F2 EMT (protein)"


def test_a_name_that_is_none_is_told_the_nearest_ones():
    known = ["HALLMARK_E2F_TARGETS", "HALLMARK_MYC_TARGETS_V1", "HALLMARK_MYC_TARGETS_V2", "HALLMARK_HYPOXIA"]
    with pytest.raises(ConfigError, match=r"did you mean 'HALLMARK_MYC_TARGETS_V.' or 'HALLMARK_MYC_TARGETS_V.'"):
        find_gene_set("MYC targets", known)
    with pytest.raises(ConfigError, match="take one of 4 names"):
        find_gene_set("zzz", known)


def test_a_name_that_two_are_called_is_told_both():
    with pytest.raises(ConfigError, match="give 'HALLMARK_HYPOXIA' or 'KEGG_HYPOXIA'"):
        find_gene_set("hypoxia", ["HALLMARK_HYPOXIA", "KEGG_HYPOXIA", "KEGG_APOPTOSIS"])
    assert find_gene_set("KEGG_HYPOXIA", ["HALLMARK_HYPOXIA", "KEGG_HYPOXIA"]) == "KEGG_HYPOXIA"


def test_other_names_are_found_by_themselves_alone():
    assert find_name("sample", "p1", ["p1", "p2"]) == "p1"
    assert find_name("sample", "P1", ["p1", "p2"]) == "p1"
    with pytest.raises(ConfigError, match="expected the name of a known sample"):
        find_name("sample", "q", ["p1", "p2"])


COLUMNS = st.lists(st.text(st.sampled_from("Ab1_ "), min_size=1, max_size=5), min_size=1, unique=True)


@given(COLUMNS)
def test_columns_are_read_with_blanks_and_told_apart(names):
    words = column_words(names)
    assert list(words) == names
    assert len(set(words.values())) == len(names)
    for name, shown in words.items():
        assert shown == name or "_" not in shown
        assert shown.replace("_", " ").split() == name.replace("_", " ").split()


@given(COLUMNS, st.data())
def test_a_column_is_found_by_its_name_and_by_every_spelling_that_is_of_it_alone(names, data):
    name = data.draw(st.sampled_from(names))
    assert columns_called([name], names) == {name: name}
    for spelling in (column_words(names)[name], name.upper(), name.replace(" ", "_")):
        found = columns_called([spelling], names).get(spelling)
        assert found is None or found.casefold().replace("_", " ").split() == name.casefold().replace("_", " ").split()
        assert spelling in names or len(names) > 1 or found == name
    assert columns_called(["of no column"], names) == {}
