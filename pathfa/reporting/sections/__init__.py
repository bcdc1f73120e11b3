"""The numbered parts of a report."""

from pathfa.reporting.page.blocks import Section
from pathfa.reporting.sections.about import glossary_section, limits_section, provenance_section
from pathfa.reporting.sections.factors import (
    cards_section,
    covariates_section,
    factors_section,
    gene_sets_section,
    samples_section,
)
from pathfa.reporting.sections.highlights import overview_section
from pathfa.reporting.sections.quality import fit_section, input_section, prior_section
from pathfa.reporting.sections.summary import summary_section
from pathfa.reporting.study.study import Study
from pathfa.reporting.verdict.prose import FitVerdict


def _of_factors(study: Study) -> list[Section]:
    """Return the sections on the factors and what is in them: none where there is no factor."""
    if not study.result.factor_names:
        return []
    makers = (factors_section, covariates_section, gene_sets_section, cards_section, samples_section)
    return [maker(study) for maker in makers]


def build(study: Study, verdict: FitVerdict) -> list[Section]:
    """Return the sections of a report in the order of the page."""
    return [
        *([overview_section(study)] if study.result.factor_names else []),
        summary_section(study, verdict.uses),
        input_section(study),
        fit_section(study),
        *_of_factors(study),
        prior_section(study),
        limits_section(study),
        provenance_section(study),
        glossary_section(),
    ]
