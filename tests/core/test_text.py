"""Sentences follow their numbers; names of files and near names."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathfa.core.text import collection_name, count, did_you_mean, inflect, part_of, plain_name, shorten


@pytest.mark.parametrize(
    ("number", "noun", "verb", "said"),
    [
        (1, "view", "", "1 view"),
        (0, "view", "", "0 views"),
        (1234, "gene set", "", "1,234 gene sets"),
        (2, "activity", "differ", "2 activities differ"),
        (1, "activity", "differ", "1 activity differs"),
        (2, "assay", "", "2 assays"),
        (2, "batch", "", "2 batches"),
        (3, "pair of factors", "correlate", "3 pairs of factors correlate"),
        (1, "line", "were left out", "1 line was left out"),
    ],
)
def test_a_noun_and_a_verb_follow_their_number(number, noun, verb, said):
    assert count(number, noun, verb) == said


def test_a_verb_follows_the_part_and_not_the_whole():
    assert part_of(1, 20, "sample", "have") == "1 of 20 samples has"
    assert part_of(2, 20, "sample", "are") == "2 of 20 samples are"


@pytest.mark.parametrize(
    ("verb", "one"), [("vary most", "varies most"), ("go with", "goes with"), ("reach", "reaches"), ("were", "was")]
)
def test_a_verb_of_one(verb, one):
    assert (inflect(1, verb), inflect(2, verb)) == (one, verb)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/h.all.v2024.1.Hs.symbols.gmt", "h.all.v2024.1.Hs.symbols"),
        ("my sets.GMT.gz", "my_sets"),
        ("sets.tsv", "sets"),
        (".gmt", "gene_sets"),
    ],
)
def test_a_collection_is_called_as_its_file_without_the_format(path, name):
    assert collection_name(path) == name


def test_a_name_can_be_that_of_a_folder():
    assert plain_name("../my cohort", "cohort") == "my_cohort"
    assert plain_name("...", "cohort") == "cohort"


@pytest.mark.parametrize(
    ("name", "meant"), [("bacth", "batch"), ("Set 1", "SET_01"), ("set_19", "SET_19"), ("AGE", "age"), ("zzz", "")]
)
def test_the_nearest_name(name, meant):
    known = ["age", "batch", "SET_01", "SET_10", "SET_19"]
    assert did_you_mean(name, known, "no") == (f"did you mean '{meant}'?" if meant else "no")


@given(st.text(alphabet="ab _-", max_size=80), st.integers(5, 40))
def test_a_short_name_has_the_ends_of_the_long_one(name, length):
    short = shorten(name, length)
    whole = re.sub(" +", " ", name)
    head, left_out, tail = short.partition("…")
    assert len(short) <= length
    assert head in whole
    assert tail in whole
    assert bool(left_out) == (len(whole) > length)


@pytest.mark.parametrize("length", range(20, 50))
@pytest.mark.parametrize(
    "name",
    [
        "positive regulation of the innate immune response to foreign viruses",
        "hospital of the western region and second recruitment",
    ],
)
def test_words_are_left_out_whole(name, length):
    assert set(shorten(name, length).replace("…", " ").split()) <= set(name.split())


@given(st.lists(st.text(st.sampled_from("abcdef"), min_size=1, max_size=20), min_size=1), st.integers(30, 60))
def test_no_word_that_fits_is_cut(words, length):
    shown = shorten(" ".join(words), length).replace("…", " ").split()
    assert set(shown) <= set(words)
