"""Which options of a fit a cohort allows, from the names of its views and the number of its samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pathfa.core.choices import bad_option
from pathfa.core.findings import Finding
from pathfa.core.text import count
from pathfa.options import FitOptions


def possible_factors(n_samples: int) -> int:
    """Return the most factors that leave noise: centred samples have one direction less than there are samples."""
    return max(1, n_samples - 2)


def impossible_options(options: FitOptions, n_samples: int, views: Sequence[str]) -> Iterator[Finding]:
    """Yield an error for every option that a cohort does not allow.

    Parameters
    ----------
    options
        Options of the fit.
    n_samples
        Number of samples, in any view.
    views
        Names of the views.

    Examples
    --------
    >>> [finding.expected for finding in impossible_options(FitOptions(n_factors=5), 6, ["rna"])]
    ['4 or fewer for 6 samples: one more would leave no noise']
    """
    if options.n_factors != "auto" and int(options.n_factors) > (most := possible_factors(n_samples)):
        expected = f"{most} or fewer for {count(n_samples, 'sample')}: one more would leave no noise"
        yield bad_option("n_factors", options.n_factors, expected)
    for place, names in (("left_censored", options.left_censored), ("preprocess", options.preprocess or {})):
        if unknown := [name for name in names if name not in views]:
            yield bad_option(place, unknown, f"names of views: {', '.join(views)}")
