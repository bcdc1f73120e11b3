"""Gene sets in every format that people bring, from disk and in memory: the same sets come out."""

import gzip
import json

import pandas as pd
import pytest

from pathfa.core.errors import GeneSetError, MissingInputError
from pathfa.data import read_cohort, read_gene_sets, validate
from pathfa.data.gene_sets.libraries import as_gene_sets

SETS = {"IFN": ("MX1", "OAS1"), "CYCLE": ("CDK1", "TOP2A", "PLK1")}
PAIRS = [(name, gene) for name, genes in SETS.items() for gene in genes]


def _table(first: str, second: str, delimiter: str = "\t") -> str:
    return "\n".join(delimiter.join(row) for row in [(first, second), *PAIRS, PAIRS[0]]) + "\n"


FILES = {
    "sets.gmt": "".join(f"{name}\thttp\t" + "\t".join(genes) + "\n" for name, genes in SETS.items()),
    "msigdb.json": json.dumps({name: {"systematicName": "M1", "geneSymbols": genes} for name, genes in SETS.items()}),
    "plain.json": json.dumps(SETS),
    "sets.gmx": "IFN\tCYCLE\nhttp\tna\nMX1\tCDK1\nOAS1\tTOP2A\n\tPLK1\n",
    "msigdbr.tsv": _table("gs_name", "gene_symbol"),
    "msigdbr.csv": _table("gs_name", "gene_symbol", ","),
    "decoupler.txt": _table("source", "target"),
    "omnipath.csv": _table("geneset", "genesymbol", ","),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("compressed", [False, True])
def test_every_format_gives_the_same_sets(name, compressed, tmp_path) -> None:
    path = tmp_path / (name + ".gz" * compressed)
    raw = FILES[name].encode()
    path.write_bytes(gzip.compress(raw) if compressed else raw)
    sets = read_gene_sets(path)
    assert dict(sets) == SETS
    assert sets.source == str(path)
    assert len(sets.sha256) == 64


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("HALLMARK_IFN\n# http://x\nMX1\nOAS1\n", "HALLMARK_IFN"),
        ("# about\nMX1\nOAS1\n", "ifn"),
        ("MX1\nOAS1\n", "ifn"),
    ],
)
def test_a_grp_file_is_one_set(text, name, tmp_path) -> None:
    (tmp_path / "ifn.grp").write_text(text)
    assert dict(read_gene_sets(tmp_path / "ifn.grp")) == {name: ("MX1", "OAS1")}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.json", "{", "it is no JSON"),
        ("b.json", '{"A": 3}', "set 'A' is no list"),
        ("c.json", "[]", "no gene"),
    ],
)
def test_json_that_holds_no_sets(name, text, message, tmp_path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(GeneSetError, match=message):
        read_gene_sets(tmp_path / name)


def test_signed_weights_in_memory() -> None:
    table = pd.DataFrame({"source": ["TF", "TF"], "target": ["MX1", "OAS1"], "weight": [1.0, -0.5], "resources": "x"})
    assert as_gene_sets(table).weights("TF").to_dict() == {"MX1": 1.0, "OAS1": -0.5}
    with pytest.raises(GeneSetError, match="the table of gene sets: no column contains the members"):
        as_gene_sets(table.drop(columns="target"))


def test_whatever_holds_gene_sets_is_taken_wherever_they_are_asked_for(frame, gene_sets, tmp_path) -> None:
    table = pd.DataFrame([(name, gene) for name in gene_sets for gene in gene_sets[name]], columns=["term", "gene"])
    table.to_csv(tmp_path / "sets.csv", index=False)
    frame(80).to_csv(tmp_path / "rna.tsv", sep="\t")
    for given in (table, tmp_path / "sets.csv", dict(gene_sets)):
        assert as_gene_sets(given) == gene_sets
        assert [item.code for item in validate({"rna": frame()}, given)] == [
            item.code for item in validate({"rna": frame()}, gene_sets)
        ]
        assert read_cohort({"rna": tmp_path / "rna.tsv"}, gene_sets=given).n_obs == 80


def test_a_file_that_is_not_there_is_told_the_names_of_collections() -> None:
    with pytest.raises(MissingInputError, match=r"there is no such file.*msigdb:h\.all, enrichr:"):
        read_gene_sets("hallmark")
