"""Sentences follow their numbers."""

import pytest

from pathfa.core.grammar import count, inflect, part_of


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
