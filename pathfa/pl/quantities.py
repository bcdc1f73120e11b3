"""What the samples can be placed or coloured by, found by its name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd

from pathfa.analysis.projections import MOST_COMPONENTS, principal_components, umap
from pathfa.core.columns import holds_numbers
from pathfa.core.errors import ConfigError
from pathfa.core.names import column_words, factor_id, factor_spellings, find_name, readable, set_spellings
from pathfa.core.text import shorten
from pathfa.pl.wording import percent
from pathfa.result.result import PathFAResult

_IN_VIEW = ": "
"""Between a view and a gene, where a gene of that view is meant."""


def quantity(result: PathFAResult, name: str) -> pd.Series:
    """Return a quantity of the samples, N, under the words that stand beside an axis or a scale.

    Parameters
    ----------
    result
        The fit.
    name
        The first of these that is called so: a factor by name or id (``"F1"``), a principal component of the scores
        (``"PC1"``), ``"UMAP1"`` or ``"UMAP2"``, a covariate of the fitted cohort, a gene set, a gene of the first view
        that has it, or of one view (``"protein: CD8A"``).

    Raises
    ------
    ConfigError
        If nothing is called so, or there are too few samples for a UMAP.
    """
    named = _named(result)
    if name not in named:
        ids = {factor_id(each) for each in result.factor_names} - set(result.factor_names)
        known = [each for each in named if _IN_VIEW not in each and each not in ids]
        name = find_name("quantity of the samples", name, known, partial(_spellings, result))
    return named[name]()


def _spellings(result: PathFAResult, name: str) -> tuple[str, ...]:
    """Return what a quantity is called."""
    return factor_spellings(name) if name in result.factor_names else set_spellings(name)


def numbers(result: PathFAResult, name: str) -> pd.Series:
    """Return a quantity that is a number in every sample that has it; ConfigError where it is groups."""
    found = quantity(result, name)
    if not holds_numbers(found):
        fix = "give it as colour, and take numbers for the axes"
        raise ConfigError.of("axis-of-groups", f"{name!r}, which has groups", "numbers", fix, place="axis")
    return found.astype(float)


def component_words(name: str, share: float) -> str:
    """Return what stands beside an axis of a principal component that has this share of the variance of the scores."""
    return f"{name} of the scores ({percent(float(share))} of their variance)"


def umap_words(name: str) -> str:
    """Return what stands beside an axis of a UMAP."""
    return f"{name} of the scores (neighbours count, distances do not)"


def _named(result: PathFAResult) -> dict[str, Callable[[], pd.Series]]:
    """Return how each quantity is made, by name; of several with one name the one that comes first in ``quantity``."""
    found: dict[str, Callable[[], pd.Series]] = {}
    for view, table in result.data.items():
        for place, gene in enumerate(map(str, table.columns)):
            found[f"{view}{_IN_VIEW}{gene}"] = made = partial(_gene, result, view, place)
            found.setdefault(gene, made)
    found |= {name: partial(_activity, result, name) for name in result.gene_set_names}
    found |= {str(name): partial(_covariate, result, place) for place, name in enumerate(result.obs.columns)}
    found |= {f"UMAP{axis}": partial(_umap, result, f"UMAP{axis}") for axis in (1, 2)}
    size = min(MOST_COMPONENTS, *result.scores.shape)
    found |= {f"PC{place + 1}": partial(_component, result, place) for place in range(size)}
    found |= {
        called: partial(_score, result, name) for name in result.factor_names for called in (factor_id(name), name)
    }
    return found


def _gene(result: PathFAResult, view: str, place: int) -> pd.Series:
    values = result.data[view].iloc[:, place]
    return values.rename(f"{shorten(str(values.name))} in {view} (fitted units)")


def _activity(result: PathFAResult, name: str) -> pd.Series:
    return result.activity[name].rename(f"Activity of {shorten(readable(name))}")


def _covariate(result: PathFAResult, place: int) -> pd.Series:
    values = result.obs.iloc[:, place]
    return values.rename(column_words(map(str, result.obs.columns))[str(values.name)])


def _umap(result: PathFAResult, name: str) -> pd.Series:
    return umap(result)[name].rename(umap_words(name))


def _component(result: PathFAResult, place: int) -> pd.Series:
    table, shares = principal_components(result)
    return table.iloc[:, place].rename(component_words(str(table.columns[place]), shares[place]))


def _score(result: PathFAResult, name: str) -> pd.Series:
    return result.scores[name].rename(f"Score of {shorten(name)} (sd)")
