"""Samples that stand apart from all others in a view, features that one sample alone shows, and those that are none."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

import numpy as np

from pathfa.core.errors import InputError
from pathfa.core.findings import Finding, warning
from pathfa.core.text import count, inflect, part_of
from pathfa.data.cohort.matrix import as_dense, select
from pathfa.data.cohort.views import Cohort, View, some_samples
from pathfa.data.io.presets import describes_samples
from pathfa.data.preprocess.preprocessor import ViewPreprocessor
from pathfa.data.validation.values import possible_views

_ENOUGH_SAMPLES = 8  # with fewer, no sample stands apart from the others
_ENOUGH_FEATURES = 10
_MOST_FEATURES = 2000  # features that are looked at
_MOST_SAMPLES = 5000  # samples that are looked at
_FOR_MEDIANS = 1000  # samples from which the median of a feature is exact enough
_FAR = 6.0  # distance of half of the values from the medians, in robust sd; of normal tissue beside tumours it is 1.5
_FARTHER = 4.0  # times the distance of the other samples
_BLOCK = 0.05  # share of the features of a view that vary in one sample only
_LACKING = 0.5  # share of missing values, where the others lack less than half as many
TO_SD = 1.4826  # from the median absolute deviation to the sd of normal values
_SMALL = 3  # largest of whole numbers that low counts may have become
_MOST_WHOLE = 0.1  # share of the features of a view up to which those of whole numbers are odd
_FEW_ODD = 20
_FEW_NUMBERS = 10  # different values of a table of codes


def check_apart(cohort: Cohort) -> Iterator[Finding]:
    """Return findings about samples that stand apart, and features that only one sample shows, in each view."""
    for view in possible_views(cohort):
        if view.n_present < _ENOUGH_SAMPLES or len(view.features) < _ENOUGH_FEATURES:
            continue
        looked = some_samples(_some_features(view), _MOST_SAMPLES)
        values = as_dense(looked.values)
        values = values[:, ~np.isnan(values).all(axis=0)]
        names = looked.samples.to_numpy()
        same = _all_the_same(values)
        if same.any():
            numbers = np.nanmax(values[same], axis=1)
            examples = [f"{name}: {value:g}" for name, value in zip(names[same], numbers, strict=True)]
            found = f"{count(int(same.sum()), 'sample', 'have')} the same number in every feature"
            fix = "leave it out, or write NA where nothing was measured"
            yield warning("constant-samples", found, "values that differ", fix, view=view.name, items=examples)
        missing = np.isnan(values).mean(axis=1)
        lacking = (missing > _LACKING) & (missing > 2.0 * np.median(missing))
        if lacking.any() and not lacking.all():
            examples = [f"{name}: {share:.0%}" for name, share in zip(names[lacking], missing[lacking], strict=True)]
            found = f"{count(int(lacking.sum()), 'sample', 'lack')} most values, the others {np.median(missing):.0%}"
            fix = "look at the quality of the sample"
            yield warning(
                "sparse-samples", found, "as many values as in the others", fix, view=view.name, items=examples
            )
        yield from _far(looked, names, same)
        yield from _of_one_sample(view.name, values, names)


def odd_features(view: View, genes: Collection[str]) -> Iterator[Finding]:
    """Return a warning about features that may describe the samples: by their names, or as whole numbers beside others.

    Parameters
    ----------
    view
        The view.
    genes
        Members of the gene sets, which are features.
    """
    known = set(genes)
    named = {name for name in view.features if name not in known and describes_samples(name)}
    whole = set()
    values = some_samples(view, _MOST_SAMPLES).values if view.n_present >= _ENOUGH_SAMPLES else None
    if isinstance(values, np.ndarray):
        are = _of_whole_numbers(values)
        large = np.nanmax(values[:, are], axis=0, initial=-np.inf) > _SMALL  # log2(n + 1) of low counts may be whole
        if len(are) < _MOST_WHOLE * values.shape[1]:
            whole = {name for name in view.features[are][large] if name not in known}
    odd = [name for name in view.features if name in named or name in whole]
    if not odd or len(odd) > max(_FEW_ODD, _MOST_WHOLE * len(view.features)):
        return
    listed = ", ".join(odd[:_FEW_ODD])
    how = "called as what describes samples" if set(odd) == named else "whole numbers, which the others are not"
    found = f"{count(len(odd), 'feature')} may describe the samples instead: {how}"
    fix = f"set drop_columns: [{listed}] and give them in the sample sheet"
    yield warning("odd-features", found, "measurements of one kind", fix, view=view.name, items=odd)


def _of_whole_numbers(values: np.ndarray) -> np.ndarray:
    """Return the positions of the features without a value that is not whole; a few samples show most others."""
    left = np.arange(values.shape[1])
    for samples in (slice(_ENOUGH_SAMPLES), slice(None)):
        some = values[samples, left]
        left = left[(np.isnan(some) | (some == np.floor(some))).all(axis=0)]
    return left


def _some_features(view: View) -> View:
    """Return the view, or every so many features of it where there are very many."""
    columns = slice(None, None, -(-len(view.features) // _MOST_FEATURES))  # a slice: nothing is copied
    return replace(view, values=select(view.values, columns=columns), features=view.features[columns])


def _all_the_same(values: np.ndarray) -> np.ndarray:
    """Return which samples have one and the same number in every feature that has a value, N.

    None in a table of few different numbers, such as mutations, of which a sample may well have none.
    """
    if len(np.unique(values[: _ENOUGH_SAMPLES * 5])) <= _FEW_NUMBERS:
        return np.zeros(len(values), dtype=bool)
    seen = ~np.isnan(values)
    spread = np.where(seen, values, -np.inf).max(axis=1) - np.where(seen, values, np.inf).min(axis=1)
    same: np.ndarray = (spread == 0) & (seen.sum(axis=1) >= _ENOUGH_FEATURES)
    return same


def _median(values: np.ndarray, axis: int) -> np.ndarray:
    """Return the median of the values that are there; where some are missing, NumPy takes one row after the other."""
    found: np.ndarray = np.nanmedian(values, axis) if np.isnan(values).any() else np.median(values, axis)
    return found


def _centre(values: np.ndarray) -> np.ndarray:
    """Return the median of every feature, G; of very many samples from every so many."""
    return _median(values[:: -(-len(values) // _FOR_MEDIANS)], axis=0)


def _far(view: View, names: np.ndarray, known: np.ndarray) -> Iterator[Finding]:
    """Say which samples are far from the others in most features, after preprocessing."""
    try:
        values = ViewPreprocessor().fit(view).transform(view)
    except InputError:
        return  # nothing can be fitted, which is said elsewhere
    apart = np.abs(np.subtract(values, _centre(values), out=values), out=values)
    spread = TO_SD * _centre(apart)
    varying = spread > 0
    if varying.sum() < _ENOUGH_FEATURES:
        return
    distance = _median((apart if varying.all() else apart[:, varying]) / spread[varying], axis=1)
    far = (distance > _FAR) & (distance > _FARTHER * _median(distance, axis=0)) & ~known
    if not far.any():
        return
    items = [f"{name}: {sd:.0f} sd" for name, sd in zip(names[far], distance[far], strict=True)]
    verb = inflect(int(far.sum()), "stand")
    found = (
        f"{count(int(far.sum()), 'sample')} {verb} apart: half of the values lie {_FAR:.0f} sd or more from the others"
    )
    expected = "samples in one unit and of one kind, or a factor will be of this sample alone"
    fix = "look at the unit and the quality of the sample; leave it out if it is not like the others"
    yield warning("samples-apart", found, expected, fix, view=view.name, items=items)


def _of_one_sample(view: str, values: np.ndarray, names: np.ndarray) -> Iterator[Finding]:
    """Say which features have one value in all samples but one, if they are many and the sample is the same."""
    centre = _centre(values)
    other = (values != centre) & ~np.isnan(values)
    alone = np.flatnonzero(other.sum(axis=0) == 1)
    owner = np.argmax(other[:, alone], axis=0)
    for sample, n in zip(*np.unique(owner, return_counts=True), strict=True):
        if n < max(_ENOUGH_FEATURES, _BLOCK * values.shape[1]):
            continue
        found = f"{part_of(int(n), values.shape[1], 'feature', 'have')} one value in all samples but '{names[sample]}'"
        expected = "features that vary with some noise"
        fix = "leave out these features, or the sample: they make it a factor of its own"
        yield warning("features-of-one-sample", found, expected, fix, view=view, items=[names[sample]])
