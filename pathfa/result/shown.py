"""A fitted model as a reader sees it first, as text and as HTML: data, factors, findings, what comes next."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pathfa.core.findings import Finding, Severity
from pathfa.core.text import count, shorten

if TYPE_CHECKING:
    import pandas as pd

    from pathfa.result.result import PathFAResult

NEXT = {
    "model.activity_": "activities of the gene sets, samples x gene sets",
    "pf.pl.activity(model)": "the same as a figure",
    "pf.associate(model, covariates)": "associations with covariates of the samples",
    'pf.report(model, "report.html")': "everything in one page, with a verdict on the fit",
}
"""What is worth a look after a fit, and what it gives."""
_BAR = 12  # characters of the longest bar
_EIGHTHS = " ▏▎▍▌▋▊▉"
_NAME = 44  # characters of the name of a factor


def as_text(result: PathFAResult) -> str:
    """Return a fitted model as text of several lines."""
    lines = [*_about(result), ""]
    if result.factor_names:
        lines += [*_r2_lines(result.variance_explained), ""]
    lines += [f"{item.severity}: {item}" for item in _warnings(result)]
    lines += [_counts(result), "", *(f"{call:<34}{words}" for call, words in NEXT.items())]
    return "\n".join(lines)


def as_html(result: PathFAResult) -> str:
    """Return a fitted model as a fragment of HTML that needs nothing else."""
    title, *about = map(html.escape, _about(result))
    found = "".join(f"<li>{html.escape(str(item))}</li>" for item in _warnings(result))
    rest = "".join(
        f"<tr><td><code>{html.escape(call)}</code></td><td>{words}</td></tr>" for call, words in NEXT.items()
    )
    return (
        f'<div style="max-width:60em"><p><b>{title}</b><br>{"<br>".join(about)}</p>'
        f"{_r2_html(result.variance_explained) if result.factor_names else ''}"
        f"<p>{html.escape(_counts(result))}</p>{f'<ul>{found}</ul>' if found else ''}"
        f"<table>{rest}</table></div>"
    )


def _about(result: PathFAResult) -> Iterator[str]:
    """Yield what was fitted to what, in lines."""
    views = ", ".join(
        f"{view} ({count(int(result.presence[view].sum()), 'sample')}, {count(len(table), 'feature')})"
        for view, table in result.loadings.items()
    )
    yield f"PathFA of {count(len(result.sample_names), 'sample')} in {count(len(result.view_names), 'view')}: {views}"
    sets, factors = count(len(result.gene_set_names), "gene set"), count(len(result.factor_names), "factor")
    ended = "" if result.converged else "NOT "
    ended += f"converged after {count(result.n_iter, 'iteration')}"
    yield f"{factors}, {sets}; log evidence {result.log_evidence:,.1f}; {ended}"


def _warnings(result: PathFAResult) -> list[Finding]:
    return [item for item in result.findings if item.severity is Severity.WARNING]


def _counts(result: PathFAResult) -> str:
    found = Counter(item.severity for item in result.findings)
    notes = f", {count(found[Severity.NOTE], 'note')}" if found[Severity.NOTE] else ""
    wrong = f"{count(found[Severity.WARNING], 'warning')}, {count(found[Severity.REPAIRED], 'repair')}"
    return f"Findings: {wrong}{notes} (model.findings_ lists them)"


def _longest(r2: pd.DataFrame) -> float:
    return float(r2.drop(index="total").to_numpy().max()) or 1.0


def _r2_lines(r2: pd.DataFrame) -> Iterator[str]:
    """Yield the variance that each factor explains per view, with bars in characters."""
    names = [shorten(str(name), _NAME) for name in r2.index]
    width = max(map(len, ["Variance explained", *names])) + 2
    cells = [max(_BAR + 8, len(str(view)) + 2) for view in r2.columns]
    heads = "".join(f"{view!s:<{cell}}" for view, cell in zip(r2.columns, cells, strict=True))
    yield f"{'Variance explained':<{width}}{heads}".rstrip()
    for name, (label, row) in zip(names, r2.iterrows(), strict=True):
        bars = ["" if label == "total" else _bar(value / _longest(r2)) for value in row]
        shown = zip(row, bars, cells, strict=True)
        yield (f"{name:<{width}}" + "".join(f"{100 * v:5.1f} % {bar}".ljust(cell) for v, bar, cell in shown)).rstrip()


def _bar(share: float) -> str:
    whole, eighths = divmod(round(8 * _BAR * max(share, 0.0)), 8)
    return ("█" * whole + _EIGHTHS[eighths]).rstrip()


def _r2_html(r2: pd.DataFrame) -> str:
    """Return the variance that each factor explains per view, with bars behind the numbers."""
    heads = "".join(f"<th>{html.escape(str(view))}</th>" for view in r2.columns)
    rows = ""
    for label, row in r2.iterrows():
        longest = float("inf") if label == "total" else _longest(r2)
        cells = "".join(f'<td style="{_shade(value / longest)}">{100 * value:.1f} %</td>' for value in row)
        rows += f'<tr><td style="text-align:left">{html.escape(str(label))}</td>{cells}</tr>'
    return f'<table><tr><th style="text-align:left">Variance explained</th>{heads}</tr>{rows}</table>'


def _shade(share: float) -> str:
    end = f"{100 * max(share, 0.0):.0f}%"
    return f"min-width:8em;background:linear-gradient(90deg,rgba(0,114,178,.35) {end},transparent {end})"
