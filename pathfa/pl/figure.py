"""A figure: a drawing with the question that it answers, and what figures say of what they are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from pathfa.core.errors import ConfigError
from pathfa.core.findings import Finding, error
from pathfa.core.text import count, did_you_mean
from pathfa.pl.spec import Drawing
from pathfa.result.labels import factor_id, readable

if TYPE_CHECKING:
    from matplotlib.figure import Figure as MatplotlibFigure
    from plotly.graph_objects import Figure as PlotlyFigure

    from pathfa.result.result import PathFAResult


@dataclass(frozen=True, kw_only=True)
class Figure(Drawing):
    """A figure with the question that it answers.

    Parameters
    ----------
    name
        Stable identifier in kebab case.
    question
        Heading.
    answer
        One sentence made from the numbers.
    alt
        What the figure looks like, for those who do not see it.
    table
        The numbers behind it.
    marks, x, y, height, stack
        What is drawn, see ``pathfa.pl.spec.Drawing``.
    """

    name: str
    question: str
    answer: str
    alt: str
    table: pd.DataFrame = field(repr=False)

    def plotly(self) -> PlotlyFigure:
        """Return the figure for a screen."""
        from plotly.graph_objects import Figure as PlotlyFigure

        from pathfa.pl.render_plotly import draw

        return PlotlyFigure(draw(self))

    def matplotlib(self, width: float = 6.5) -> MatplotlibFigure:
        """Return the figure for paper.

        Parameters
        ----------
        width
            Width in inches.
        """
        from pathfa.pl.render_matplotlib import draw

        return draw(self, width)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self.plotly()._repr_mimebundle_(**kwargs)


def unknown(what: str, name: str, known: Sequence[str]) -> Finding:
    """Return the finding that a name is none of those known, with the nearest; case and prefixes do not count."""
    return error(
        f"unknown-{what.replace(' ', '-')}",
        repr(name),
        expected=f"the name of a known {what}",
        examples=tuple(known[:3]),
        place=what,
        fix=did_you_mean(name, known, f"take one of {count(len(known), 'name')}", readable),
    )


def require_name(what: str, name: str, known: Sequence[str]) -> None:
    """Raise ConfigError unless a name is one of those known."""
    if name not in known:
        raise ConfigError(findings=[unknown(what, name, known)])


def find_factor(result: PathFAResult, name: str) -> str:
    """Return the full name of a factor from its name or id; ConfigError where there is none."""
    found = [full for full in result.factor_names if name in (full, factor_id(full))]
    require_name("factor", found[0] if found else name, result.factor_names)
    return found[0]


def require_table(given: object, figure: str, maker: str) -> None:
    """Raise TypeError unless a figure is given the table that ``maker`` returns."""
    if not isinstance(given, pd.DataFrame):
        found = type(given).__name__
        raise TypeError(f"pl.{figure} was given {found}; expected the table that {maker} returns")
