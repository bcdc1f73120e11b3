"""What a model says of samples that it has not seen, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pathfa.analysis.export import ResultTable
from pathfa.core.findings import findings_table
from pathfa.data import as_cohort
from pathfa.fit.new_samples.data import Estimate, NewSamples
from pathfa.result.result import as_result

if TYPE_CHECKING:
    import pandas as pd

    from pathfa.fit.run import Data


def new_sample_tables(samples: NewSamples, predicted: Sequence[str] | None = None) -> Iterator[ResultTable]:
    """Yield every table of new samples: scores, activities, expected values, each with its posterior sd, and findings.

    Parameters
    ----------
    samples
        The samples.
    predicted
        Views whose values are predicted, in the units that were given; those that the samples lack when None.

    Yields
    ------
    ResultTable
        ``scores``, ``activity``, per view of the model ``view_activity``, per predicted view ``predicted``, and last
        ``findings``.

    Raises
    ------
    AlignmentError
        If ``predicted`` names a view that the model lacks.

    Examples
    --------
    >>> import pathfa as pf
    >>> from pathfa.data import as_cohort
    >>> cohort = pf.simulate(n_samples=30, seed=0)
    >>> model = pf.PathFA(n_factors=2, n_starts=1, progress=False).fit(cohort.mdata, cohort.gene_sets)
    >>> samples = NewSamples(model.result_, as_cohort({"rna": cohort.mdata["rna"]}))
    >>> [item.name for item in new_sample_tables(samples)][-3:]
    ['predicted.protein', 'predicted_sd.protein', 'findings']
    """
    expected = {view: samples.expected(view) for view in (samples.lacking if predicted is None else predicted)}
    yield from _pair(samples.scores, "scores", "factor")
    yield from _pair(samples.activity(), "activity", "gene_set")
    for view in samples.view_names:
        yield from _pair(samples.activity(view), "view_activity", "gene_set", view)
    for view, estimate in expected.items():
        yield from _pair(estimate, "predicted", "feature", view)
    yield ResultTable(table=findings_table(samples.findings), quantity="findings")


def outlying_values(model: object, data: Data) -> pd.DataFrame:
    """Return the single values that neither factors nor noise explain, and that are taken for missing.

    Parameters
    ----------
    model
        A fitted ``PathFA`` or its result.
    data
        Samples as ``PathFA.fit`` takes them: those of the fit, or others.

    Returns
    -------
    DataFrame
        One row per value, the least expected first: ``sample``, ``view``, ``feature``, ``value``, and ``expected`` and
        ``sd`` of what was expected, noise included, all in fitted units. Empty where the fit has found none, or was
        told to keep them (option ``outlying_values``).

    Raises
    ------
    AlignmentError
        If the data have no view or no feature of the model.

    Examples
    --------
    >>> import pathfa as pf
    >>> cohort = pf.simulate(n_samples=30, seed=0)
    >>> views = {name: data.to_df() for name, data in cohort.mdata.mod.items()}
    >>> for feature in views["rna"].columns[:12]:
    ...     views["rna"].loc[views["rna"].index[3], feature] = 40.0
    >>> model = pf.PathFA(n_factors=2, n_starts=1, progress=False).fit(views, cohort.gene_sets)
    >>> pf.analysis.outlying_values(model, views)["sample"].value_counts().to_dict()
    {'S04': 12}
    """
    return NewSamples(as_result(model), as_cohort(data)).outlying


def _pair(estimate: Estimate, quantity: str, columns: str, view: str = "") -> Iterator[ResultTable]:
    """Yield the mean of a quantity and its sd."""
    for kind, table in zip(("value", "sd"), estimate, strict=True):
        yield ResultTable(table=table, quantity=quantity, view=view, kind=kind, rows="sample", columns=columns)
