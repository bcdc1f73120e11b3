"""The card of a gene set says which members do not take part in it."""

from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from waiting import find

from pathfa.reporting import report


def test_members_that_do_not_take_part_are_told(open_page, result, page_file, tmp_path):
    gene_set = str(result.gene_set_weights.abs().sum(axis=1).idxmax())
    column = result.gene_set_names.index(gene_set)
    chosen = {gene for view in result.view_names for gene in members(result, view, column)[:2]}
    probability = {}
    for view, mask in result.masks.items():
        values = sp.lil_matrix((mask != 0).astype(float))
        for row in np.flatnonzero(result.loadings[view].index.isin(chosen)):
            values[row, column] = 0.02 * (mask[row, column] != 0)
        probability[view] = sp.csr_matrix(values)
    path = report(replace(result, member_probability=probability), tmp_path / "report.html")

    for file, told in ((path, True), (page_file, False)):
        page = open_page(file).page
        find(page, gene_set)
        page.locator("#widget-card").scroll_into_view_if_needed()
        page.wait_for_selector("[data-widget=card] tbody tr")
        card = page.locator("[data-widget=card]")
        assert card.locator("[data-out]").count() == told
        if told:
            assert card.locator("[data-out]").inner_text().startswith(f"{len(chosen)} of ")
            assert card.get_by_text("annotated, does not take part").count() == len(chosen)


def members(result, view, column):
    """Return the measured members of a gene set in a view."""
    return list(result.loadings[view].index[np.flatnonzero(result.masks[view][:, [column]].toarray().ravel())])
