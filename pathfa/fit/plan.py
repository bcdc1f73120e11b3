"""What a fit will cost, before anything is read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from pathfa.core.choices import bad_option
from pathfa.core.errors import ConfigError
from pathfa.fit.cost import FitCost, fit_cost
from pathfa.fit.rows import ViewShape
from pathfa.options import FitOptions


def plan(
    n_samples: int,
    views: Mapping[str, int],
    n_gene_sets: int,
    *,
    incomplete: Collection[str] = (),
    measured: Mapping[str, int] | None = None,
    stored: Collection[str] = (),
    **options: Any,
) -> FitCost:
    """Return what a fit will cost: time of one core, memory, curvature, device.

    Parameters
    ----------
    n_samples
        Number of samples.
    views
        Number of features of each view, those that preprocessing leaves.
    n_gene_sets
        Number of gene sets with enough measured members.
    incomplete
        Views with single missing values; whole samples that a view lacks do not count.
    measured
        Number of samples that were measured in a view, where not all were.
    stored
        Views whose values stay in a file (h5ad or zarr) and are read a few samples at a time.
    **options
        As of :class:`pathfa.PathFA`, such as ``n_factors``.

    Returns
    -------
    FitCost
        Its ``lines()`` say it in words. How many iterations a fit takes is not known before it.

    Raises
    ------
    ConfigError
        If a number is below 1, more samples were measured in a view than there are, a view that is incomplete,
        measured or stored is not among the views, or an option has a value it cannot have.

    Examples
    --------
    >>> cost = pf.plan(107, {"rna": 13_482, "protein": 6_584}, 50, incomplete=["protein"])
    >>> cost.n_factors, str(cost.curvature)
    (16, 'factor')
    """
    counts = dict(measured or {})
    numbers = {"n_samples": n_samples, "n_gene_sets": n_gene_sets, **views, **counts}
    findings = [bad_option(name, number, "a number of at least 1") for name, number in numbers.items() if number < 1]
    for place, names in (("incomplete", incomplete), ("measured", counts), ("stored", stored)):
        if unknown := [name for name in names if name not in views]:
            findings.append(bad_option(place, unknown, f"names of views: {', '.join(views)}"))
    if many := {name: number for name, number in counts.items() if number > n_samples}:
        findings.append(bad_option("measured", many, f"at most {n_samples}, the number of samples"))
    if findings or not views:
        raise ConfigError(findings=findings or [bad_option("views", {}, "at least one view")])
    shapes = [
        ViewShape(
            name=name,
            n_features=n,
            complete=name not in incomplete,
            n_samples=counts.get(name),
            stored=name in stored,
        )
        for name, n in views.items()
    ]
    return fit_cost(n_samples, shapes, n_gene_sets, FitOptions(**options))
