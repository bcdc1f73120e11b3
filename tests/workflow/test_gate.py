"""The gate says which cohorts are fitted, and why others are not."""

import json
from dataclasses import replace

import pytest

from pathfa.core.errors import InputError
from pathfa.core.findings import error, warning
from pathfa.workflow.config import Gate, OnInvalid
from pathfa.workflow.gate import decide, pass_gate, read_decisions

BAD = error("duplicate-samples", "3 samples stand\ttwice", fix="rename them")
ODD = warning("few-samples", "few samples")


def _validation(cohort="a", findings=(), own=(), **counts):
    return {
        "cohort": cohort,
        "n_samples": counts.get("n_samples", 20),
        "n_shared": counts.get("n_shared", 18),
        "views": {"rna": 100, "protein": 50},
        "findings": [item.to_dict() for item in findings],
        "collections": {
            "small": {
                "n_gene_sets": counts.get("n_gene_sets", 5),
                "n_features": {"rna": 80, "protein": counts.get("n_protein", 30)},
                "findings": [item.to_dict() for item in own],
            },
            "large": {"n_gene_sets": 50, "n_features": {"rna": 90, "protein": 40}, "findings": []},
        },
    }


def _decisions(validation, gate=None):
    return {item.collection: item.decision for item in decide(validation, gate or Gate(), {})}


def test_good_cohorts_pass_with_warnings():
    assert _decisions(_validation(findings=[ODD], own=[ODD])) == {"small": "fit", "large": "fit"}


def test_an_error_of_the_cohort_stops_all_its_collections():
    other = replace(BAD, place="protein")
    verdicts = decide(_validation(findings=[BAD, other]), Gate(), {})
    assert [item.decision for item in verdicts] == ["skip", "skip"]
    assert verdicts[0].reason == "3 samples stand\ttwice; protein: 3 samples stand\ttwice"
    assert verdicts[0].fix == "rename them"  # once


def test_an_error_of_one_collection_stops_that_one():
    assert _decisions(_validation(own=[BAD])) == {"small": "skip", "large": "fit"}


def test_a_collection_that_cannot_be_read_stops_that_one_with_its_own_reason():
    unread = {"collection": "small", "n_gene_sets": 0, "findings": [BAD.to_dict()]}
    validation = _validation(own=[error("empty", "no gene sets")])
    small, large = decide(validation, Gate(), {"small": unread})
    assert (small.decision, small.reason, small.fix) == ("skip", "3 samples stand\ttwice", "rename them")
    assert large.decision == "fit"


@pytest.mark.parametrize(
    ("counts", "gate", "said"),
    [
        ({"n_samples": 14}, {"min_samples": 15}, "14 samples, at least 15 needed"),
        ({"n_shared": 3}, {"min_shared": 4}, "3 samples in every view, at least 4 needed"),
        ({"n_gene_sets": 1}, {}, "1 gene set with enough measured members, at least 2 needed"),
        ({"n_protein": 9}, {}, "9 features of 'protein' in a gene set, at least 10 needed"),
    ],
)
def test_what_is_too_small(counts, gate, said):
    verdict = decide(_validation(**counts), Gate(**gate), {})[0]
    assert (verdict.decision, verdict.reason) == ("skip", said)
    assert "under 'gate'" in verdict.fix


def test_limits_are_included():
    assert _decisions(_validation(n_samples=15), Gate(min_samples=15))["small"] == "fit"


def _files(tmp_path, *validations):
    paths = []
    for number, validation in enumerate(validations):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(validation))
        paths.append(path)
    return paths


def test_verdicts_are_written_and_read(tmp_path):
    paths = _files(tmp_path, _validation("a", [BAD]), _validation("b"))
    out = tmp_path / "gate.tsv"
    verdicts = pass_gate(paths, Gate(), out)
    assert [(item.cohort, item.decision) for item in verdicts] == [
        ("a", "skip"),
        ("a", "skip"),
        ("b", "fit"),
        ("b", "fit"),
    ]
    assert len(out.read_text().splitlines()) == 5  # tabs and line ends of messages do not break the table
    assert [item.decision for item in read_decisions(out)] == [item.decision for item in verdicts]


def test_on_invalid_fail_names_every_bad_cohort(tmp_path):
    paths = _files(tmp_path, _validation("a", [BAD]), _validation("b"), _validation("c", n_samples=2))
    with pytest.raises(InputError) as caught:
        pass_gate(paths, Gate(on_invalid=OnInvalid.FAIL, min_samples=3), tmp_path / "gate.tsv")
    assert "cohort 'a' with 'small'" in str(caught.value)
    assert "cohort 'c' with 'large'" in str(caught.value)
    assert "cohort 'b'" not in str(caught.value)
    assert (tmp_path / "gate.tsv").is_file()
