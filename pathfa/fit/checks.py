"""The options of ``PathFA``, checked before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from pathfa.core.choices import bad_option
from pathfa.core.errors import ConfigError
from pathfa.options import ModelSpec

if TYPE_CHECKING:
    from pathfa.estimator import PathFA


def check_options(model: PathFA) -> ModelSpec:
    """Return the model that the options describe.

    Raises
    ------
    ConfigError
        With every option that has a value that it cannot have.
    """
    checks: list[tuple[str, bool, str]] = [
        ("n_factors", model.n_factors == "auto" or is_count(model.n_factors), "'auto' or an integer of at least 1"),
        ("features", model.features in ("all", "annotated"), "'all' or 'annotated'"),
        ("min_set_size", is_count(model.min_set_size), "an integer of at least 1"),
        ("n_starts", is_count(model.n_starts), "an integer of at least 1"),
        (
            "only_start",
            model.only_start is None
            or (is_count(model.only_start) and is_count(model.n_starts) and model.only_start <= model.n_starts),
            f"None or an integer from 1 to n_starts, {model.n_starts}",
        ),
        ("max_iter", is_count(model.max_iter), "an integer of at least 1"),
        ("tol", isinstance(model.tol, float | int) and model.tol > 0, "a positive number"),
        (
            "max_factors",
            model.max_factors is None or is_count(model.max_factors),
            "None or an integer of at least 1",
        ),
        ("n_jobs", model.n_jobs is None or is_count(model.n_jobs), "None or an integer of at least 1"),
        ("seed", isinstance(model.seed, int | np.integer) and model.seed >= 0, "an integer of at least 0"),
    ]
    findings = [bad_option(place, getattr(model, place), expected) for place, good, expected in checks if not good]
    if findings:
        raise ConfigError(findings=findings)
    return ModelSpec(
        loading_prior=model.loading_prior,  # type: ignore[arg-type]
        sign=model.sign,  # type: ignore[arg-type]
        curvature=model.curvature,  # type: ignore[arg-type]
        noise=model.noise,  # type: ignore[arg-type]
        noise_trend=model.noise_trend,
        view_scale=model.view_scale,  # type: ignore[arg-type]
    )


def resolve_device(device: str) -> torch.device:
    """Return the torch device that a name stands for; ``"auto"`` is a GPU where there is one.

    Raises
    ------
    ConfigError
        If there is no such device.
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        torch.empty(0, device=device)
        return torch.device(device)
    except (RuntimeError, AssertionError) as error:
        expected = f"'auto', 'cpu' or a device that torch finds here ({str(error).splitlines()[0]})"
        raise ConfigError(findings=[bad_option("device", device, expected)]) from error


def is_count(value: object) -> bool:
    """Return whether a value is an integer of at least 1."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and int(value) >= 1
