"""Pages of gene sets, by their names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathfa.reporting.page.links import set_page


@pytest.mark.parametrize(
    ("name", "database", "end"),
    [
        ("HALLMARK_E2F_TARGETS", "MSigDB", "/human/geneset/HALLMARK_E2F_TARGETS.html"),
        ("GOBP_CELL_CYCLE", "MSigDB", "/GOBP_CELL_CYCLE.html"),
        ("Cell Cycle R-HSA-1640170", "Reactome", "/detail/R-HSA-1640170"),
        ("mitotic spindle organization (GO:0007052)", "Gene Ontology", "/GO:0007052"),
        ("Apoptosis WP254", "WikiPathways", "/WP254.html"),
        ("hsa04110", "KEGG", "/hsa04110"),
    ],
)
def test_the_name_says_the_page(name, database, end):
    page = set_page(name)
    assert page["at"] == database
    assert page["url"].endswith(end)


@given(st.text())
def test_any_other_name_has_none_and_no_name_leaves_the_address(name):
    page = set_page(name)
    if page is not None:
        assert page["url"].startswith("https://")
        assert not set(page["url"]) & set(" \"'<>")
