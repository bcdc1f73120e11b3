"""Figures: one function each, for notebooks, papers and the report.

Every function returns a :class:`Figure`: its question, a sentence that answers it, its table, and ``.plotly()`` and
``.matplotlib()`` to draw it. In a notebook it shows itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pathfa.lazy import lazy

if TYPE_CHECKING:
    from pathfa.pl.agreement import concordance as concordance
    from pathfa.pl.association import associations as associations
    from pathfa.pl.association import survival as survival
    from pathfa.pl.association import survival_curves as survival_curves
    from pathfa.pl.checks import heldout as heldout
    from pathfa.pl.checks import uninformed as uninformed
    from pathfa.pl.cohort import coverage as coverage
    from pathfa.pl.cohort import flow as flow
    from pathfa.pl.cohort import presence as presence
    from pathfa.pl.factors import annotated_share as annotated_share
    from pathfa.pl.factors import variance_explained as variance_explained
    from pathfa.pl.fit import convergence as convergence
    from pathfa.pl.fit import noise as noise
    from pathfa.pl.fit import residuals as residuals
    from pathfa.pl.fit import selection as selection
    from pathfa.pl.gene_set import gene_set_card as gene_set_card
    from pathfa.pl.id_mapping import identifiers as identifiers
    from pathfa.pl.own_residuals import residual_correlation as residual_correlation
    from pathfa.pl.programmes import gene_set_weights as gene_set_weights
    from pathfa.pl.samples import activity as activity
    from pathfa.pl.samples import factor_scatter as factor_scatter
    from pathfa.pl.samples import sample_activity as sample_activity
    from pathfa.pl.spec import Figure as Figure
    from pathfa.pl.words import Certainty as Certainty

_PUBLIC = {
    "Certainty": "pathfa.pl.words",
    "Figure": "pathfa.pl.spec",
    "activity": "pathfa.pl.samples",
    "annotated_share": "pathfa.pl.factors",
    "associations": "pathfa.pl.association",
    "concordance": "pathfa.pl.agreement",
    "convergence": "pathfa.pl.fit",
    "coverage": "pathfa.pl.cohort",
    "factor_scatter": "pathfa.pl.samples",
    "flow": "pathfa.pl.cohort",
    "gene_set_card": "pathfa.pl.gene_set",
    "gene_set_weights": "pathfa.pl.programmes",
    "heldout": "pathfa.pl.checks",
    "identifiers": "pathfa.pl.id_mapping",
    "noise": "pathfa.pl.fit",
    "presence": "pathfa.pl.cohort",
    "residual_correlation": "pathfa.pl.own_residuals",
    "residuals": "pathfa.pl.fit",
    "sample_activity": "pathfa.pl.samples",
    "selection": "pathfa.pl.fit",
    "survival": "pathfa.pl.association",
    "survival_curves": "pathfa.pl.association",
    "uninformed": "pathfa.pl.checks",
    "variance_explained": "pathfa.pl.factors",
}

__all__ = list(_PUBLIC)

__getattr__, __dir__ = lazy(__name__, _PUBLIC)
