import json

import pytest

from pathfa.core.errors import GeneSetError, InputError, MissingInputError
from pathfa.data.gene_sets.libraries import (
    fetch_gene_sets,
    read_gene_set_table,
    read_gene_sets,
)
from pathfa.data.io.downloads import cache_folder

SETS = {"HALLMARK_A": ["G1", "G2"], "HALLMARK_B": ["G2", "G3", ""]}


@pytest.fixture
def downloads(monkeypatch, tmp_path) -> list:
    import gseapy

    calls = []

    def msigdb(category, dbver):
        calls.append((category, dbver))
        return SETS if category == "h.all" else None

    def enrichr(name, organism, min_size, max_size):
        calls.append((name, organism))
        if name == "Offline":
            raise Exception("no route to host")
        if name != "WikiPathways_2024_Human":
            raise ValueError(f"{name} is not a library")
        return {"WP": ["G1,1.0", "G2,1.0"]}

    monkeypatch.setattr(gseapy.Msigdb, "get_gmt", staticmethod(msigdb))
    monkeypatch.setattr(gseapy, "get_library", enrichr)
    monkeypatch.setenv("PATHFA_CACHE", str(tmp_path / "cache"))
    return calls


def test_a_collection_is_downloaded_once_and_its_release_recorded(downloads) -> None:
    first, second = (fetch_gene_sets("msigdb:h.all@2023.2.Hs") for _ in range(2))
    assert downloads == [("h.all", "2023.2.Hs")]
    assert first == second
    assert dict(first) == {"HALLMARK_A": ("G1", "G2"), "HALLMARK_B": ("G2", "G3")}
    assert first.source.startswith("msigdb:h.all@2023.2.Hs, downloaded 20")
    record = json.loads((cache_folder() / "msigdb-h.all-2023.2.Hs.json").read_text())
    assert record["sha256"] == first.sha256
    assert record["release"] == "2023.2.Hs"


def test_enrichr_members_lose_their_constant_weights(downloads) -> None:
    sets = fetch_gene_sets("enrichr:WikiPathways_2024_Human")
    assert dict(sets) == {"WP": ("G1", "G2")}
    assert not sets.weighted


def test_a_changed_file_in_the_cache_is_an_error(downloads) -> None:
    fetch_gene_sets("msigdb:h.all")
    path = cache_folder() / "msigdb-h.all-2024.1.Hs.gmt"
    path.write_text(path.read_text().replace("G1", "G9"))
    with pytest.raises(GeneSetError, match="the file is not the one that was downloaded"):
        fetch_gene_sets("msigdb:h.all")


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("hallmark", GeneSetError, "'hallmark' names no collection"),
        ("msigdb:h.nothing", GeneSetError, r"msigdb has no 'h\.nothing' in release 2024\.1\.Hs"),
        ("enrichr:Nothing", GeneSetError, "enrichr knows no 'Nothing'"),
        ("enrichr:Offline", MissingInputError, "could not be downloaded .Exception: no route to host"),
    ],
)
def test_collections_that_cannot_be_had(downloads, name, kind, message) -> None:
    with pytest.raises(kind, match=message):
        fetch_gene_sets(name)
    assert not list(cache_folder().glob("*.gmt"))


def test_gene_sets_are_read_from_wherever_they_are(downloads, tmp_path) -> None:
    (tmp_path / "a.gmt").write_text("A\tx\tG1\n")
    (tmp_path / "a.csv").write_text("source,target\nA,G1\n")
    for source in (tmp_path / "a.gmt", str(tmp_path / "a.csv")):
        assert dict(read_gene_sets(source)) == {"A": ("G1",)}
    assert len(read_gene_sets("msigdb:h.all")) == 2


def test_a_configuration_may_name_a_collection(downloads) -> None:
    from pathfa.workflow.config.options import Collection
    from pathfa.workflow.read import read_collection

    sets = read_collection(Collection(path="msigdb:h.all"))
    assert read_collection(Collection(path="msigdb:h.all", sha256=sets.sha256)) == sets
    with pytest.raises(InputError, match="changed under the same name"):
        read_collection(Collection(path="msigdb:h.all", sha256="0" * 64))


def test_weighted_table(tmp_path) -> None:
    path = tmp_path / "progeny.csv"
    path.write_text("source,target,weight,p_value\nTNFa,G1,2.5,0\nTNFa,G2,-3,0\nTNFa,G3,0.1,0\nMAPK,G1,1,0\n")
    sets = read_gene_set_table(path, max_members=2)
    assert sets.weights("TNFa").to_dict() == {"G2": -3.0, "G1": 2.5}
    assert sets.weights("MAPK").to_dict() == {"G1": 1.0}
    assert sets.weighted


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\tb\n1\t2\n", "no column contains the gene sets"),
        ("source\ttarget\tweight\nA\tG1\t1\nA\tG1\t2\n", "1 member occurs twice in a set, with other weights"),
        ("source\ttarget\tweight\nA\tG1\tbig\n", "1 weight contains no number .for example 'big'"),
        ("source\ttarget\nA\tG1\nB\t\n", "line 3: column 'target': None is not of type 'string'"),
    ],
)
def test_tables_that_hold_no_gene_sets(tmp_path, text, message) -> None:
    (tmp_path / "sets.tsv").write_text(text)
    with pytest.raises(GeneSetError, match=message):
        read_gene_set_table(tmp_path / "sets.tsv")
