"""Findings in words, and the exceptions that carry them."""

import pytest

from pathfa.core.errors import GeneSetError, InputError
from pathfa.core.findings import Findings, error, findings_table, repaired, warning


def test_a_place_is_named_once():
    found = error("bad-option", "n_factors=30", "22", place="n_factors")
    assert str(found) == "n_factors=30; expected 22"
    elsewhere = error("bad-option", "no numbers", place="rna.tsv", view="rna")
    assert str(elsewhere) == "rna.tsv, view 'rna': no numbers"


def test_items_give_the_examples_and_their_number():
    found = warning("long-names", "4 names are long", items=["a" * 90, 2, None, "d"])
    assert found.examples == ("a" * 77 + "...", "2", "None")
    assert found.count == 4
    assert repaired("cut", "names were cut", examples=iter("abcd"), count=9).examples == ("a", "b", "c")
    assert (error("none", "nothing", items=[]).examples, error("none", "nothing", items=[]).count) == ((), None)


def test_a_run_stops_on_errors_alone():
    fine = [repaired("cut", "names were cut"), warning("few", "few samples")]
    InputError.stop_on(fine)
    with pytest.raises(GeneSetError, match=r"^2 sets are empty$") as caught:
        GeneSetError.stop_on([*fine, error("empty", "2 sets are empty")])
    assert [finding.code for finding in caught.value.findings] == ["cut", "few", "empty"]
    assert list(findings_table(caught.value.findings)["severity"]) == ["repaired", "warning", "error"]


def test_findings_show_themselves_as_a_table_of_all_their_words():
    items = ["GENE1", "[red]GENE2"]
    found = Findings([error("odd", "a <b>thing</b> is odd", "nothing " * 30, "look", view="rna", items=items)])
    text, page = repr(found), found._repr_html_()
    for word in ("severity", "error", "rna", "look", "[red]GENE2"):
        assert word in text
        assert word in page
    assert text.count("nothing") == page.count("nothing") == 30
    assert "<b>" not in page
    assert repr(Findings()) == "no findings"
