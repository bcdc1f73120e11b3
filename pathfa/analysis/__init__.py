"""What a fitted model says about covariates, outcome, views and itself."""

from pathfa.analysis.association.associate import associate
from pathfa.analysis.export import export, to_anndata, to_long
from pathfa.analysis.outcome.model import OutcomeModel, fit_additive, outcome_model
from pathfa.analysis.outcome.survival import km_groups, survival
from pathfa.analysis.programmes.redundancy import overlap, redundancy
from pathfa.analysis.programmes.refined import refined_gene_sets, write_refined_gmt
from pathfa.analysis.programmes.scores import compare_scores, fitted_scores, set_scores
from pathfa.analysis.programmes.views import concordance, explained_intervals
from pathfa.analysis.refits.checks import Check, Checks, run_checks
from pathfa.analysis.refits.gene_sets import decoy_gene_sets, decoys, uninformed
from pathfa.analysis.refits.heldout import heldout
from pathfa.analysis.refits.number_of_factors import number_of_factors
from pathfa.analysis.refits.refit import match_factors
from pathfa.analysis.refits.stability import stability

__all__ = [
    "Check",
    "Checks",
    "OutcomeModel",
    "associate",
    "compare_scores",
    "concordance",
    "decoy_gene_sets",
    "decoys",
    "explained_intervals",
    "export",
    "fit_additive",
    "fitted_scores",
    "heldout",
    "km_groups",
    "match_factors",
    "number_of_factors",
    "outcome_model",
    "overlap",
    "redundancy",
    "refined_gene_sets",
    "run_checks",
    "set_scores",
    "stability",
    "survival",
    "to_anndata",
    "to_long",
    "uninformed",
    "write_refined_gmt",
]
