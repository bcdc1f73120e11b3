"""Pages of gene sets in the databases that they come from, found by the name of the set alone."""

from __future__ import annotations

import re
from urllib.parse import quote

from pathfa.core.names import COLLECTIONS

_PAGES = (
    ("Reactome", re.compile(r"\bR-[A-Z]{3}-\d+\b"), "https://reactome.org/content/detail/{}"),
    ("Gene Ontology", re.compile(r"\bGO:\d{7}\b"), "https://amigo.geneontology.org/amigo/term/{}"),
    ("WikiPathways", re.compile(r"\bWP\d+\b"), "https://www.wikipathways.org/pathways/{}.html"),
    ("KEGG", re.compile(r"\b(?:hsa|mmu|rno)\d{5}\b"), "https://www.kegg.jp/entry/{}"),
)
_MSIGDB = "https://www.gsea-msigdb.org/gsea/msigdb/human/geneset/{}.html"


def set_page(name: str) -> dict[str, str] | None:
    """Return the page of a gene set: ``at`` (the database) and ``url``; None where its name says no database.

    Examples
    --------
    >>> set_page("HALLMARK_E2F_TARGETS")
    {'at': 'MSigDB', 'url': 'https://www.gsea-msigdb.org/gsea/msigdb/human/geneset/HALLMARK_E2F_TARGETS.html'}
    >>> set_page("mitotic spindle organization (GO:0007052)")["at"], set_page("my set")
    ('Gene Ontology', None)
    """
    for database, pattern, address in _PAGES:
        if found := pattern.search(name):
            return {"at": database, "url": address.format(found.group())}
    if COLLECTIONS.match(name) and re.fullmatch(r"[A-Z0-9_]+", name):
        return {"at": "MSigDB", "url": _MSIGDB.format(quote(name))}
    return None
