"""The samples: activities, scores, outliers."""

from __future__ import annotations

import pandas as pd

from pathfa import pl
from pathfa.pl.figures.samples import MOST_LEVELS
from pathfa.reporting.page.page import Plot, Section, Table, Widget
from pathfa.reporting.study.study import Study
from pathfa.result.summaries import outliers


def build(study: Study) -> Section:
    """Return the section."""
    figure = pl.activity(study.result, covariates=_strips(study), certainty=study.certainty)
    return Section(
        anchor="samples",
        title="Which samples?",
        lead=figure.answer,
        blocks=(
            Plot(figure=figure),
            Plot(figure=pl.factor_scatter(study.result, colour=_colour(study), certainty=study.certainty)),
            Widget(
                name="sample",
                title="One sample",
                note="Its activities with intervals, its scores, what is known of it.",
            ),
            Table(
                name="outliers",
                title="How far is each sample from the others?",
                table=outliers(study.result).rename_axis("sample").reset_index(),
                note="Sum of squared robust z-scores over all factors; an outlier lies beyond what a normal cohort "
                "of this size would hold once in a thousand times.",
            ),
        ),
    )


_MOST_STRIPS = 6
_MOST_TECHNICAL = 2


def _strips(study: Study) -> pd.DataFrame | None:
    """Return the covariates that stand above the heat map: those that go best with the factors, and technical ones."""
    if study.factor_tests is None:
        return None
    ranked = [str(name) for name in study.factor_tests.sort_values("q", kind="stable")["covariate"].drop_duplicates()]
    shown = [name for name in ranked if pd.api.types.is_numeric_dtype(study.covariates[name].dtype)
             or study.covariates[name].nunique() <= MOST_LEVELS]  # fmt: skip
    technical = [name for name in shown if name in study.technical][:_MOST_TECHNICAL]
    biological = [name for name in shown if name not in study.technical][: _MOST_STRIPS - len(technical)]
    return study.covariates[[*biological, *technical]] if biological or technical else None


def _colour(study: Study) -> pd.Series | None:
    """Return the covariate with few levels that goes best with the factors."""
    if study.factor_tests is None:
        return None
    for name in study.factor_tests.sort_values("q", kind="stable")["covariate"].drop_duplicates():
        values: pd.Series = study.covariates[str(name)]
        if 1 < values.nunique() <= MOST_LEVELS:
            return values
    return None
