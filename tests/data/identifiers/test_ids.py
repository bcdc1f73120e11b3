import numpy as np
import pandas as pd
import pytest

from pathfa.core.errors import ConfigError, InputError, MissingInputError
from pathfa.core.findings import Severity
from pathfa.data import as_cohort, read_cohort
from pathfa.data.identifiers.ids import excel_dates, guess_id_type, strip_versions, translate
from pathfa.data.identifiers.tables import local_id_table
from pathfa.data.io.downloads import cache_folder
from pathfa.data.io.settings import IdType

LOOKUP = {"P12345": ("GENE1",), "Q9Y6K9": ("GENE2",), "O00000": ("GENE3", "GENE4"), "P54321": ("GENE1",)}


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["TP53", "HLA-A", "C9orf72", "NKX2-1", "MT-CO1"], IdType.SYMBOL),
        (["ENSG00000141510.11", "ENSRNOG00000000001", "ENSG00000182378.14_PAR_Y"], IdType.ENSEMBL),
        (["P04637", "P04637-2", "Q9Y6K9;P12345", "A0A024R1R8"], IdType.UNIPROT),
        (["7157", "1", "100000000"], IdType.ENTREZ),
        (["NM_000546.5", "NP_000537", "AP_004893.1", "XP_006530.2"], IdType.REFSEQ),
        (["MI0000060", "MIMAT0000062", "hsa-let-7a-5p"], IdType.OTHER),
        (["B7-H1 (PD-L1)", "anti human CD4", "3' UTR"], IdType.OTHER),
    ],
)
def test_the_type_of_ids_is_guessed(names, kind) -> None:
    assert guess_id_type(names) == (kind, 1.0)


def test_the_confidence_is_the_share_that_looks_so() -> None:
    assert guess_id_type(["TP53", "EGFR", "MYC", "7157"]) == (IdType.SYMBOL, 0.75)
    assert guess_id_type([]) == (IdType.OTHER, 0.0)


def test_versions_are_cut_only_from_ensembl() -> None:
    names = pd.Index(["ENSG00000182378.14_PAR_Y", "ENSMUST00000193812.1", "AL627309.1", "NM_000546.5"])
    assert list(strip_versions(names)) == ["ENSG00000182378", "ENSMUST00000193812", "AL627309.1", "NM_000546.5"]


@pytest.mark.parametrize(
    ("feature", "name", "status"),
    [
        ("P12345", "GENE1", "mapped"),
        ("P12345-2", "GENE1", "mapped"),
        ("P12345;P54321", "GENE1", "mapped"),
        ("P12345;Q9Y6K9", "GENE1", "ambiguous"),
        ("O00000", None, "ambiguous"),
        ("X99999", None, "lost"),
        ("X99999;Q9Y6K9", "GENE2", "mapped"),
    ],
)
def test_isoforms_and_groups_follow_the_policy(feature, name, status) -> None:
    report = translate(
        pd.Index([feature]), LOOKUP, view="protein", id_type=IdType.AUTO, target="symbol", keep_unknown=False
    )
    row = report.table.iloc[0]
    assert (row["name"], row["status"]) == (name, status)


def test_the_report_adds_up_and_tells_what_was_lost_and_merged() -> None:
    features = pd.Index(["P12345", "P54321", "Q9Y6K9", "O00000", "X99999"])
    report = translate(features, LOOKUP, view="protein", id_type=IdType.AUTO, target="symbol", keep_unknown=False)
    assert report.counts == {"unchanged": 0, "mapped": 3, "ambiguous": 1, "lost": 1, "merged": 1}
    assert report.merged == {"GENE1": ["P12345", "P54321"]}
    mapped, ambiguous = report.findings()
    assert mapped.severity is Severity.REPAIRED
    assert mapped.found == (
        "5 features, taken for uniprot (80%), were translated to symbol: 3 mapped, 1 ambiguous, 1 lost, 1 merged"
    )
    assert ambiguous.examples == ("O00000: GENE3;GENE4",)


def test_an_id_of_several_genes_keeps_the_first() -> None:
    lookup = {"E1": ("H3f3b;H3f3a",), "E2": ("Dna2",), "E3": ("NA;Nap1l2",), "E4": ("NA;NA",)}
    report = translate(pd.Index(list(lookup)), lookup, view="rna", id_type=IdType.AUTO, target="s", keep_unknown=False)
    assert report.table["name"].tolist() == ["H3f3b", "Dna2", "Nap1l2", None]
    assert report.table["status"].tolist() == ["ambiguous", "mapped", "mapped", "lost"]
    assert report.findings()[1].examples == ("E1: H3f3b;H3f3a",)


def test_fewer_than_half_mapped_is_an_error_with_the_guess(frame, tmp_path) -> None:
    table = frame(features=[f"P{i:05d}" for i in range(50)])
    pd.DataFrame({"id": table.columns[:20], "symbol": "G"}).to_csv(tmp_path / "ids.tsv", sep="\t", index=False)
    with pytest.raises(InputError, match="only 20 of 50 features could be translated to symbol") as caught:
        read_cohort({"protein": table}, options={"protein": {"id_table": str(tmp_path / "ids.tsv")}})
    assert "they look like uniprot (100%)" in str(caught.value)
    assert "id_key" in str(caught.value)


def test_merged_ids_need_a_policy_unless_they_are_counts(frame, tmp_path) -> None:
    pd.DataFrame({"id": ["A1", "A2", "A3"], "symbol": ["G1", "G1", "G2"]}).to_csv(tmp_path / "ids.csv", index=False)
    counts = (frame(features=["A1", "A2", "A3"]) * 9).round().abs()
    options = {"rna": {"id_table": str(tmp_path / "ids.csv")}}
    merged = read_cohort({"rna": counts}, options=options)["rna"].to_df()
    np.testing.assert_array_equal(merged["G1"], counts["A1"] + counts["A2"])
    with pytest.raises(InputError, match="1 feature name occurs more than once"):
        read_cohort({"rna": counts + 0.5}, options=options)
    cohort = as_cohort(read_cohort({"rna": counts}, options=options))
    assert cohort.flow.loc[cohort.flow["step"] == "identifiers", "detail"].item().endswith("3 mapped, 1 merged")
    assert cohort.identifiers == (
        {"view": "rna", "from": "symbol", "to": "symbol", "features": 3,
         "unchanged": 0, "mapped": 3, "ambiguous": 0, "lost": 0, "merged": 1},
    )  # fmt: skip


def test_dates_of_spreadsheets() -> None:
    found = excel_dates(
        ["1-Mar", "Sep-02", "2001-09-10", "2022-03-01 00:00:00", "5-Jun", "DEC1", "HLA-A", "2001-13-10"]
    )
    assert found == {
        "1-Mar": "MARCHF1 or MARC1",
        "Sep-02": "SEPTIN2",
        "2001-09-10": "SEPTIN10",
        "2022-03-01 00:00:00": "MARCHF1 or MARC1",
        "5-Jun": "unknown",
    }


class TestBiomart:
    @pytest.fixture(autouse=True)
    def _cache(self, monkeypatch, tmp_path) -> None:
        monkeypatch.setenv("PATHFA_CACHE", str(tmp_path / "cache"))

    @staticmethod
    def answer(monkeypatch, result) -> list:
        import gseapy

        calls = []

        class Biomart:
            def query(self, dataset, attributes, filters):
                calls.append((dataset, *attributes))
                if isinstance(result, Exception):
                    raise result
                return result

        monkeypatch.setattr(gseapy, "Biomart", Biomart)
        return calls

    def test_a_table_is_downloaded_once_and_used(self, monkeypatch, frame) -> None:
        ids = [f"ENSG{i:011d}" for i in range(50)]
        table = pd.DataFrame({"ensembl_gene_id": ids, "external_gene_name": frame().columns})
        calls = self.answer(monkeypatch, table)
        options = {"rna": {"id_table": "biomart:hsapiens", "id_type": "ensembl"}}
        for _ in range(2):
            mdata = read_cohort({"rna": frame(features=[f"{name}.7" for name in ids])}, options=options)
        assert calls == [("hsapiens_gene_ensembl", "ensembl_gene_id", "external_gene_name")]
        assert list(mdata["rna"].var_names) == list(frame().columns)
        assert as_cohort(mdata).inputs[0]["path"] == str(cache_folder() / "biomart-hsapiens-ensembl.tsv")

    def test_without_network_it_says_so(self, monkeypatch) -> None:
        self.answer(monkeypatch, ConnectionError("no route to host"))
        with pytest.raises(MissingInputError, match=r"could not be downloaded from BioMart .ConnectionError: no route"):
            local_id_table("biomart:hsapiens", "ensembl")
        self.answer(monkeypatch, "Query ERROR: no such dataset")
        with pytest.raises(InputError, match="BioMart answered no table for atlantis"):
            local_id_table("biomart:atlantis", "ensembl")
        assert not cache_folder().exists()

    def test_what_has_to_be_said(self) -> None:
        with pytest.raises(ConfigError, match="needs id_type; expected one of ensembl, entrez, uniprot, refseq"):
            local_id_table("biomart:hsapiens", "auto")
        with pytest.raises(ConfigError, match="names no species"):
            local_id_table("biomart:../x", "ensembl")
        assert local_id_table("table.tsv", "auto") == "table.tsv"
