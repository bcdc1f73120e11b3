"""A figure: a drawing with the question that it answers, and what figures say of what they are given."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from pathfa.pl.spec import Drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as MatplotlibFigure
    from plotly.graph_objects import Figure as PlotlyFigure


@dataclass(frozen=True, kw_only=True, repr=False)
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

    Examples
    --------
    >>> figure = pf.pl.variance_explained(model)
    >>> figure.question
    'How much of each view does each factor explain?'
    >>> figure.table.shape
    (6, 5)
    """

    name: str
    question: str
    answer: str
    alt: str
    table: pd.DataFrame = field(repr=False)

    def __repr__(self) -> str:
        return f"<pathfa figure {self.name}: {self.question} {self.answer}>"

    def plotly(self, title: bool | str = True) -> PlotlyFigure:
        """Return the figure for a screen.

        Parameters
        ----------
        title
            Its title: the question when True, none when False.

        Examples
        --------
        >>> type(pf.pl.variance_explained(model).plotly()).__name__
        'Figure'
        """
        from plotly.graph_objects import Figure as PlotlyFigure

        from pathfa.pl.render_plotly import draw

        return PlotlyFigure(draw(self, self._title(title)))

    def matplotlib(
        self,
        width: float = 6.5,
        *,
        title: bool | str = True,
        ax: Axes | None = None,
        save: str | Path | None = None,
    ) -> MatplotlibFigure:
        """Return the figure for paper.

        Parameters
        ----------
        width
            Width in inches, where it has no ``ax``.
        title
            Its title: the question when True, none when False.
        ax
            Axes to draw into, such as those of a panel of a larger figure, which is then what is returned.
        save
            File to write, in the format of its ending.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> page, (left, right) = plt.subplots(1, 2)
        >>> pf.pl.variance_explained(model).matplotlib(ax=left) is page
        True
        >>> _ = pf.pl.convergence(model).matplotlib(3.3, save="convergence.pdf")
        """
        from pathfa.pl.render_matplotlib import draw

        drawn = draw(self, width, self._title(title), ax)
        if save is not None:
            drawn.savefig(save)
        return drawn

    def _title(self, title: bool | str) -> str:
        return title if isinstance(title, str) else self.question * title

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        from pathfa.pl.render_matplotlib import png

        picture = b64encode(png(self.matplotlib())).decode()  # for what shows no scripts, such as a notebook on GitHub
        shown = self.plotly()._repr_mimebundle_(**kwargs) or {}
        return {**shown, "image/png": picture, "text/plain": repr(self)}


def require_table(given: object, figure: str, maker: str) -> None:
    """Raise TypeError unless a figure is given the table that ``maker`` returns."""
    if not isinstance(given, pd.DataFrame):
        found = type(given).__name__
        raise TypeError(f"pl.{figure} was given {found}; expected the table that {maker} returns")
