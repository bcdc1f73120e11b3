"""Whether a stored model is whole: what belongs together has the same shape, and numbers are numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

if TYPE_CHECKING:
    import h5py


def checksum(item: h5py.Group | h5py.Dataset) -> str:
    """Return the SHA-256 of everything in a part of an HDF5 file: names, attributes, types, shapes and values."""
    seen = hashlib.sha256()
    for part in _content(item):
        seen.update(len(part).to_bytes(8, "big"))
        seen.update(part)
    return seen.hexdigest()


def _content(item: h5py.Group | h5py.Dataset) -> Iterator[bytes]:
    for name in sorted(item.attrs):
        yield name.encode()
        yield from _bytes(item.attrs[name])
    if hasattr(item, "dtype"):
        yield from _bytes(item[()])
        return
    for name in sorted(item):
        yield name.encode()
        yield from _content(item[name])


def _bytes(value: Any) -> Iterator[bytes]:
    array = np.asarray(value)
    yield f"{array.dtype.kind} {array.shape}".encode()
    if array.dtype.kind in "OU":
        yield from (text if isinstance(text, bytes) else str(text).encode() for text in array.ravel().tolist())
    else:
        yield np.ascontiguousarray(array).tobytes()


def damaged_parts(fields: Mapping[str, Any]) -> list[str]:
    """Return which fields of a ``PathFAResult`` cannot be what a fit made, and why, such as ``"noise: not finite"``."""
    scores: pd.DataFrame = fields["scores"]
    n_samples, n_factors = scores.shape
    n_sets, views = len(fields["gene_set_weights"]), list(fields["loadings"])
    by_view = {view: len(table) for view, table in fields["loadings"].items()}
    pairs = n_factors * (n_factors + 1) // 2
    shapes: dict[str, tuple[int, ...]] = {
        "scores": (n_samples, n_factors),
        "score_cov": (len(fields["score_cov"]), n_factors, n_factors),
        "score_pattern": (n_samples,),
        "presence": (n_samples, len(views)),
        "sample_quality": (n_samples, len(views)),
        "sample_quality_sd": (n_samples, len(views)),
        "sample_quality_prior": (len(views), 2),
        "obs": (n_samples, fields["obs"].shape[1]),
        "variance_explained": (n_factors + 1, len(views)),
        "activity": (n_samples, n_sets),
        "activity_sd": (n_samples, n_sets),
        "set_effect_sd": (n_sets, len(views)),
        "shared_effect_sd": (len(views),),
        "set_effect_correlation": (len(views), len(views)),
    }
    shapes |= dict.fromkeys(_PER_SET, (n_sets, n_factors)) | dict.fromkeys(_PER_FACTOR, (n_factors, len(views)))
    sizes: dict[str, dict[str, tuple[int, ...]]] = {
        "loadings": {view: (size, n_factors) for view, size in by_view.items()},
        "loadings_cov": {view: (size, pairs) for view, size in by_view.items()},
        "noise": {view: (size,) for view, size in by_view.items()},
        "masks": {view: (size, n_sets) for view, size in by_view.items()},
        "member_probability": {view: (size, n_sets) for view, size in by_view.items()},
        "view_scores": dict.fromkeys(views, (n_samples, n_factors)),
        "view_activity": dict.fromkeys(views, (n_samples, n_sets)),
        "view_activity_sd": dict.fromkeys(views, (n_samples, n_sets)),
    }
    optional: dict[str, dict[str, tuple[int, ...]]] = {
        "data": {view: (n_samples, size) for view, size in by_view.items()},
        "detection_limits": {view: (size,) for view, size in by_view.items()},
    }
    found = [_problem(name, fields[name], shape) for name, shape in shapes.items()]
    whole = [*sizes, *(["data"] if fields["data"] else [])]
    found += [f"{name}: not those of {', '.join(views)}" for name in whole if set(fields[name]) != set(views)]
    for name, by_name in {**sizes, **optional}.items():
        given = {view: item for view, item in fields[name].items() if view in by_name}
        found += [_problem(f"{name} of {view}", item, by_name[view], name) for view, item in given.items()]
    for index, (active, cov) in enumerate(fields["weight_blocks"]):
        found.append(_problem(f"weight_blocks {index}", cov, (len(active), len(active))))
    for subset, entry in fields["calibration"].items():
        found += [
            _problem(f"calibration {subset}, {name}", entry.get(name), None)
            for name in ("map", "cov", "seen", "inflation")
        ]
    terms = np.array(list(fields["evidence_terms"].values()), dtype=float)
    found += ["evidence_terms: not finite"] * (not terms.size or not np.isfinite(terms).all())
    found += ["score_pattern: not those of score_cov"] * bool(
        n_samples and not 0 <= fields["score_pattern"].min() <= fields["score_pattern"].max() < len(fields["score_cov"])
    )
    absent = [name for name in fields["gene_set_weights"].index if name not in fields["gene_sets"]]
    found += [f"gene_sets: '{name}' is absent" for name in absent[:1]]
    return [problem for problem in found if problem]


_PER_SET = ("gene_set_weights", "alpha", "gene_set_probability", "slab_mean", "slab_sd")
_PER_FACTOR = ("omega", "view_scale", "loading_intercepts")
_MAY_BE_INFINITE = ("alpha", "omega", "detection_limits", "sample_quality_prior")
_MAY_LACK_VALUES = (
    "obs", "data", "sample_quality", "sample_quality_sd", "view_scores", "view_activity", "view_activity_sd",
    "variance_explained",
)  # fmt: skip


def _problem(label: str, item: Any, shape: Sequence[int] | None, name: str = "") -> str:
    """Return what is wrong with an array or table of a known shape, or nothing."""
    name = name or label
    if item is None:
        return f"{label}: absent"
    if shape is not None and tuple(item.shape) != tuple(shape):
        has, expected = (" x ".join(map(str, size)) for size in (item.shape, shape))
        return f"{label}: {has} values instead of {expected}"
    if name in _MAY_LACK_VALUES:
        return ""
    values = np.asarray(item.data if sp.issparse(item) else item)
    if values.dtype.kind not in "fiub":
        return f"{label}: not numbers"
    wrong = np.isnan(values) if name in _MAY_BE_INFINITE else ~np.isfinite(values)
    return f"{label}: {'not a number' if name in _MAY_BE_INFINITE else 'not finite'}" if wrong.any() else ""
