import gzip

import numpy as np
import pytest

from pathfa.core.errors import GeneSetError, MissingInputError
from pathfa.core.findings import Severity
from pathfa.data.gene_sets.collection import GeneSets
from pathfa.data.gene_sets.gmt import parse_gmt, read_gmt, write_gmt

SETS = {"A": ["G1", "G2", "G3"], "B": ["G3", "G4"], "C": ["G1", "G2", "G3"]}


def test_mask_has_members_in_the_order_of_the_features() -> None:
    mask = GeneSets(SETS).mask(["G4", "X", "G1"]).toarray()
    np.testing.assert_array_equal(mask, [[0, 1, 0], [0, 0, 0], [1, 0, 1]])


@pytest.mark.parametrize("given", ["sets.gmt", [["A", "B"]], None])
def test_what_is_no_mapping_is_told_how_files_are_read(given) -> None:
    with pytest.raises(GeneSetError, match=r"expected a mapping .* pathfa\.data\.read_gene_sets"):
        GeneSets(given)


def test_weights_go_into_the_mask() -> None:
    sets = GeneSets({"A": {"G1": -2.0, "G2": 0.5}, "B": ["G1"]})
    assert sets.weighted
    np.testing.assert_array_equal(sets.mask(["G1", "G2"]).toarray(), [[-2.0, 1.0], [0.5, 0.0]])


def test_coverage_counts_measured_members() -> None:
    table = GeneSets(SETS).coverage(["G1", "G4"])
    assert table["n_measured"].tolist() == [1, 1, 1]
    assert table["n_members"].tolist() == [3, 2, 3]
    assert table.loc["B", "share"] == 0.5


def test_filter_by_views_needs_any_or_all() -> None:
    features = {"rna": ["G1", "G2", "G3"], "protein": ["G3", "G4"]}
    assert GeneSets(SETS).filter(min_size=2, features=features).names == ["A", "B", "C"]
    assert GeneSets(SETS).filter(min_size=1, features=features, views="all").names == ["A", "B", "C"]
    with pytest.raises(GeneSetError, match="none of 3 gene sets has at least 2 members among the features"):
        GeneSets(SETS).filter(min_size=2, features=features, views="all")
    assert GeneSets(SETS).filter(max_size=2).names == ["B"]


def test_near_duplicates_are_grouped() -> None:
    assert GeneSets(SETS).near_duplicates() == [["A", "C"]]
    assert GeneSets(SETS).near_duplicates(0.2) == [["A", "B", "C"]]


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        ({}, "there is no gene set"),
        ({"A": []}, "1 gene set has no members"),
        ({"A": "G1"}, "expected a list of members"),
        ({" ": ["G1"]}, "a gene set has the name ' '"),
        ({"A": {"G1": float("nan")}}, "1 weight that is not finite"),
    ],
)
def test_impossible_collections(sets: dict, message: str) -> None:
    with pytest.raises(GeneSetError, match=message):
        GeneSets(sets)


def test_gmt_round_trip(tmp_path) -> None:
    for sets in (GeneSets(SETS, descriptions={"A": "https://x"}), GeneSets({"A": {"G1": 0.1, "G,2": -3e-7}})):
        write_gmt(sets, tmp_path / "sets.gmt")
        again = read_gmt(tmp_path / "sets.gmt")
        assert again == sets
        assert again.findings == ()


def test_gmt_with_every_flaw_is_read_and_said() -> None:
    text = "A\td\tG1\tG2\tG1\tNA\t\r\n\r\n \nB\td\t\t\nA\td\tG1\tG2\n"
    sets = parse_gmt(text, place="x.gmt")
    assert dict(sets) == {"A": ("G1", "G2")}
    codes = {finding.code: finding for finding in sets.findings}
    assert set(codes) == {
        "gmt-empty-sets",
        "gmt-repeated-sets",
        "gmt-missing-members",
        "gmt-repeated-members",
        "gmt-blank-lines",
        "gmt-line-ends",
    }
    assert all(finding.severity is Severity.REPAIRED for finding in sets.findings)
    assert codes["gmt-empty-sets"].examples == ("B",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<!DOCTYPE html><html>login</html>", "the file is a web page"),
        (b"A G1 G2\n", "1 line contains no tab"),
        (b"", "the file is empty"),
        (b"\n \n", "the file is empty"),
        (b"A\tx\tG1\nA\tx\tG2\n", "1 gene set comes again under the same name with other members"),
        (b"\tx\tG1\n", "1 gene set has no name"),
        (b"\x89HDF\r\n\x1a\n", "it is an HDF5 file"),
        (b"A\tx\tG\xff\n", "line 1. is not valid UTF-8"),
        (gzip.compress(b"A\tx\tG1\n" * 100, mtime=0)[:-9], "damaged or cut short"),
    ],
)
def test_files_that_are_no_gmt(content: bytes, message: str, tmp_path) -> None:
    path = tmp_path / "sets.gmt"
    path.write_bytes(content)
    with pytest.raises(GeneSetError, match=message) as caught:
        read_gmt(path)
    assert str(path) in str(caught.value)


def test_gzipped_gmt_and_missing_file(tmp_path) -> None:
    (tmp_path / "sets.gmt.gz").write_bytes(gzip.compress(b"A\tx\tG1\n"))
    assert read_gmt(tmp_path / "sets.gmt.gz").names == ["A"]
    with pytest.raises(MissingInputError, match=r"sets\.gmt: there is no such file; the folder contains sets\.gmt\.gz"):
        read_gmt(tmp_path / "sets.gmt")


def test_huge_sets_are_a_warning() -> None:
    text = "BIG\tx\t" + "\t".join(f"G{i}" for i in range(2001))
    (finding,) = parse_gmt(text, place="x").findings
    assert finding.code == "gmt-huge-sets"
    assert finding.severity is Severity.WARNING


@pytest.mark.realdata
def test_real_collections_are_read_without_loss(shared_data) -> None:
    hallmark = read_gmt(shared_data / "genesets/h.all.v2024.1.Hs.symbols.gmt")
    assert len(hallmark) == 50
    assert hallmark.findings == ()
    assert hallmark.sha256.startswith("ee2463540042078b")
