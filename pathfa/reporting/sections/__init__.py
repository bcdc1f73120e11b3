"""The numbered parts of a report."""

from pathfa.reporting.page.blocks import Section
from pathfa.reporting.sections.about import glossary_section, limits_section, provenance_section
from pathfa.reporting.sections.biology import covariates_section
from pathfa.reporting.sections.factors import (
    cards_section,
    factors_section,
    gene_sets_section,
    samples_section,
)
from pathfa.reporting.sections.highlights import no_factor_section, overview_section
from pathfa.reporting.sections.quality import fit_section, input_section, prior_section
from pathfa.reporting.study.study import Study


def build(study: Study) -> list[Section]:
    """Return the sections of a report in the order of the page: what was found, then whether it can be believed."""
    found = (overview_section, factors_section, covariates_section, gene_sets_section, cards_section, samples_section)
    return [
        *(make(study) for make in (found if study.result.factor_names else (no_factor_section,))),
        input_section(study),
        fit_section(study),
        prior_section(study),
        limits_section(study),
        provenance_section(study),
        glossary_section(),
    ]
