"""What a fitted model says about covariates, outcome, views and itself."""

from pathfa.analysis.association import associate

__all__ = ["associate"]
