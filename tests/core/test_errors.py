"""Findings in words."""

from pathfa.core.errors import Finding, Severity


def test_a_place_is_named_once():
    found = Finding(code="bad-option", severity=Severity.ERROR, place="n_factors", found="n_factors=30", expected="22")
    assert str(found) == "n_factors=30; expected 22"
    elsewhere = Finding(code="bad-option", severity=Severity.ERROR, place="rna.tsv", view="rna", found="no numbers")
    assert str(elsewhere) == "rna.tsv, view 'rna': no numbers"
