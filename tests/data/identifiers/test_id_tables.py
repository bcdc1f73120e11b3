from pathlib import Path

import pytest

from pathfa.core.errors import InputError
from pathfa.data.identifiers.tables import read_lookup
from pathfa.data.io.settings import IdType

HEADER = "hgnc_id\tsymbol\talias_symbol\tprev_symbol\tentrez_id\tensembl_gene_id\tuniprot_ids\trefseq_accession\n"
ROWS = (
    'HGNC:1\tXK\t"XKR1|Kx"\t"NA|NAC"\t7504\tENSG00000047597\tP51811\tNM_021083\n'
    "HGNC:2\tGGACT\tMIP\tA2LD1\t87769\tENSG00000134864\tQ9BVM4\t\n"
    "HGNC:3\tMIP\t\t\t4284\tENSG00000135517\tP30301\tNM_012064\n"
)


@pytest.fixture
def hgnc(tmp_path: Path) -> Path:
    path = tmp_path / "hgnc.txt"
    path.write_text(HEADER + ROWS)
    return path


def _symbols(path: Path) -> dict[str, tuple[str, ...]]:
    return read_lookup(path, id_type=IdType.SYMBOL, key=None, column=None)


def test_a_previous_symbol_that_means_missing_is_no_name(hgnc: Path) -> None:
    symbols = _symbols(hgnc)
    assert symbols["NAC"] == ("XK",)
    assert "NA" not in symbols


def test_a_current_symbol_wins_over_an_alias(hgnc: Path) -> None:
    symbols = _symbols(hgnc)
    assert symbols["MIP"] == ("MIP",)
    assert symbols["A2LD1"] == ("GGACT",)


@pytest.mark.parametrize(
    ("kind", "key", "symbol"),
    [
        (IdType.ENSEMBL, "ENSG00000134864", "GGACT"),
        (IdType.ENTREZ, "7504", "XK"),
        (IdType.UNIPROT, "P30301", "MIP"),
        (IdType.REFSEQ, "NM_012064", "MIP"),
    ],
)
def test_the_layout_of_the_hgnc_is_understood(hgnc: Path, kind: IdType, key: str, symbol: str) -> None:
    assert read_lookup(hgnc, id_type=kind, key=None, column=None)[key] == (symbol,)


def test_a_column_that_the_table_lacks(hgnc: Path) -> None:
    with pytest.raises(InputError, match=r"hgnc\.txt: the table has no column 'gene'; expected one of symbol"):
        read_lookup(hgnc, id_type=IdType.ENSEMBL, key=None, column="gene")


def test_versions_in_the_table_are_those_of_no_interest(tmp_path: Path) -> None:
    path = tmp_path / "ids.tsv"
    path.write_text("id\tgene\nENSG00000000003.14\tTSPAN6\nENSG00000002586.19_PAR_Y\tCD99\nAP_004893.1\tMt-nd2\n")
    assert read_lookup(path, id_type=IdType.ENSEMBL, key=None, column="gene") == {
        "ENSG00000000003": ("TSPAN6",),
        "ENSG00000002586": ("CD99",),
        "AP_004893.1": ("Mt-nd2",),
    }
