"""Glossary."""

from __future__ import annotations

from pathfa.report.page import Pairs, Section
from pathfa.report.study import Study

_TERMS = (
    ("Activity", "How high a gene set is in a sample, relative to the cohort: scores of the factors times the weights of "
     "the gene set, summed. It can be negative. It has no unit; figures show it in standard deviations (sd) of the cohort."),
    ("Annotated share", "How much of the squared loadings of a factor its gene sets account for. A low share means that the "
     "factor holds something else, and that its name says little."),
    ("Association", "A statistical relation between an activity or a score and a covariate. It is not a cause."),
    ("Coverage", "How many members of a gene set were measured."),
    ("Covariate", "What is known of a sample beside its omics: age, stage, batch."),
    ("Evidence", "How well a model predicts the data before seeing them, on a log scale in nats. It rewards fit and "
     "punishes needless flexibility. A difference of 5 nats is strong if the model is right."),
    ("Factor", "One axis along which samples differ, found from all views together."),
    ("Feature", "One measured gene, protein or other molecule of a view."),
    ("Fitted units", "Values after preprocessing. By default z-scores: 0 is the mean of the feature in this cohort and 1 is "
     "its standard deviation."),
    ("Gene set", "Genes that are known to belong together, such as a pathway."),
    ("Interval", "The range that holds the true value with 95 % probability, if the model is right."),
    ("Loading", "How strongly a feature follows a factor."),
    ("Noise sd", "Standard deviation of what the factors leave unexplained of a feature."),
    ("q", "p value after correction for many tests; 5 % of findings with q below 0.05 are expected to be false."),
    ("R2, variance explained", "Share of the variance of a view that a factor reproduces."),
    ("Score", "Where a sample lies on a factor."),
    ("Start", "A fit begins with a guess. Several guesses are tried; if they end alike, the result does not hang on luck."),
    ("View", "One kind of measurement, such as RNA or protein."),
    ("Weight", "How much of a gene set a factor holds. Sets whose weight is pruned to 0 play no part in it."),
)  # fmt: skip


def build(study: Study) -> Section:
    """Return the section."""
    del study
    return Section(
        anchor="glossary",
        title="Glossary",
        lead="Words used on this page.",
        blocks=(Pairs(rows=_TERMS),),
    )
