"""Figures: one function each, for notebooks, papers and the report.

Every function returns a :class:`Figure`: its question, a sentence that answers it, its table, and ``.plotly()`` and
``.matplotlib()`` to draw it. In a notebook it shows itself.
"""

from pathfa.pl.associations import associations, survival, survival_curves
from pathfa.pl.checks import heldout, uninformed
from pathfa.pl.cohort import coverage, flow, presence
from pathfa.pl.concordance import concordance
from pathfa.pl.factors import annotated_share, variance_explained
from pathfa.pl.fit import convergence, noise, residuals, selection
from pathfa.pl.gene_set import gene_set_card
from pathfa.pl.identifiers import identifiers
from pathfa.pl.own_residuals import residual_correlation
from pathfa.pl.programmes import gene_set_weights
from pathfa.pl.samples import activity, factor_scatter, sample_activity
from pathfa.pl.spec import Figure
from pathfa.pl.words import Certainty

__all__ = [
    "Certainty",
    "Figure",
    "activity",
    "annotated_share",
    "associations",
    "concordance",
    "convergence",
    "coverage",
    "factor_scatter",
    "flow",
    "gene_set_card",
    "gene_set_weights",
    "heldout",
    "identifiers",
    "noise",
    "presence",
    "residual_correlation",
    "residuals",
    "sample_activity",
    "selection",
    "survival",
    "survival_curves",
    "uninformed",
    "variance_explained",
]


def __dir__() -> list[str]:
    return __all__
