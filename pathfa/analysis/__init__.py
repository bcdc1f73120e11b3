"""What a fitted model says about covariates, outcome, views and itself."""

from pathfa.analysis.association import associate
from pathfa.analysis.compare import compare_scores, set_scores
from pathfa.analysis.concordance import concordance
from pathfa.analysis.decoys import decoy_gene_sets, decoys
from pathfa.analysis.redundancy import overlap, redundancy
from pathfa.analysis.stability import match_factors, stability
from pathfa.analysis.survival import km_groups, survival

__all__ = [
    "associate",
    "compare_scores",
    "concordance",
    "decoy_gene_sets",
    "decoys",
    "km_groups",
    "match_factors",
    "overlap",
    "redundancy",
    "set_scores",
    "stability",
    "survival",
]
