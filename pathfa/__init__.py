"""PathFA: Bayesian factor analysis of matched omics with gene sets in the prior of the loadings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pathfa._version import __version__
from pathfa.lazy import lazy

if TYPE_CHECKING:
    from pathfa import errors as errors
    from pathfa import pl as pl
    from pathfa import report as report
    from pathfa.analysis import associate as associate
    from pathfa.analysis import compare_scores as compare_scores
    from pathfa.analysis import concordance as concordance
    from pathfa.analysis import decoys as decoys
    from pathfa.analysis import export as export
    from pathfa.analysis import km_groups as km_groups
    from pathfa.analysis import outcome_model as outcome_model
    from pathfa.analysis import redundancy as redundancy
    from pathfa.analysis import run_checks as run_checks
    from pathfa.analysis import stability as stability
    from pathfa.analysis import survival as survival
    from pathfa.analysis import to_anndata as to_anndata
    from pathfa.compare import compare_gene_sets as compare_gene_sets
    from pathfa.data import GeneSets as GeneSets
    from pathfa.data import read_cohort as read_cohort
    from pathfa.data import read_gmt as read_gmt
    from pathfa.data import validate as validate
    from pathfa.estimator import PathFA as PathFA
    from pathfa.model.simulate import simulate as simulate
    from pathfa.result import PathFAResult as PathFAResult
    from pathfa.starts import select as select

# public name -> module; heavy libraries load when a name is first used
_PUBLIC = {
    "errors": "pathfa.errors",
    "pl": "pathfa.pl",
    "report": "pathfa.report",
    "GeneSets": "pathfa.data",
    "read_cohort": "pathfa.data",
    "read_gmt": "pathfa.data",
    "validate": "pathfa.data",
    "PathFA": "pathfa.estimator",
    "PathFAResult": "pathfa.result",
    "simulate": "pathfa.model.simulate",
    "associate": "pathfa.analysis",
    "compare_gene_sets": "pathfa.compare",
    "compare_scores": "pathfa.analysis",
    "concordance": "pathfa.analysis",
    "decoys": "pathfa.analysis",
    "export": "pathfa.analysis",
    "km_groups": "pathfa.analysis",
    "outcome_model": "pathfa.analysis",
    "redundancy": "pathfa.analysis",
    "run_checks": "pathfa.analysis",
    "select": "pathfa.starts",
    "stability": "pathfa.analysis",
    "survival": "pathfa.analysis",
    "to_anndata": "pathfa.analysis",
}

__all__ = ["__version__", *_PUBLIC]

__getattr__, __dir__ = lazy(__name__, _PUBLIC)
