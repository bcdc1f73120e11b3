"""What not to conclude."""

from __future__ import annotations

from pathfa.report.page import Section, Text
from pathfa.report.study import Study


def build(study: Study) -> Section:
    """Return the section."""
    points = [
        "The sign of a factor is arbitrary: here each factor points to where its gene sets are high. High does not mean "
        "bad, and low does not mean healthy.",
        "Compare loadings and weights inside one view only. Views have different noise and different numbers of features.",
        "Do not test a factor for enrichment of the gene sets that it was built from. It would be circular: those sets are "
        "in the prior, and the test would find them again.",
        "“Not active” may mean “not measured”: look at the coverage of the gene set first.",
        "A difference between views, such as RNA and protein, does not prove regulation. Noise, timing and missing values "
        "make differences too.",
        "A covariate that was used in preprocessing or fitting cannot be tested against the result again.",
        "An activity is a position within this cohort. Zero is the mean of the cohort, not the value of healthy tissue.",
        "An association is not a cause, and nothing here has been tested for use in treating a patient.",
    ]
    if study.simulated:
        points.insert(0, "These data are simulated. Nothing here is about real patients or real biology.")
    return Section(
        anchor="limits",
        title="What not to conclude",
        lead="Before a result leaves this page, read these.",
        blocks=(Text(paragraphs=tuple(points), as_list=True),),
    )
