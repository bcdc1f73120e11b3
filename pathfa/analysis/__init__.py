"""What a fitted model says about covariates, outcome, views and itself."""

from pathfa.analysis.association import associate
from pathfa.analysis.concordance import concordance
from pathfa.analysis.redundancy import overlap, redundancy
from pathfa.analysis.survival import km_groups, survival

__all__ = ["associate", "concordance", "km_groups", "overlap", "redundancy", "survival"]
