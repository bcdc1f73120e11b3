"""Fitted preprocessing as plain arrays, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from pathfa.data.preprocess.design import Design
from pathfa.data.preprocess.fitted import FittedPreprocessor
from pathfa.data.preprocess.transforms import Normalise, Transform


def to_arrays(fitted: FittedPreprocessor) -> dict[str, Any]:
    """Return a fitted preprocessing as plain arrays, numbers and text, for a file."""
    return {
        "features": fitted.features.to_numpy(dtype=object),
        "centre": fitted.centre,
        "spread": fitted.spread,
        "level": fitted.level,
        "missing": fitted.missing,
        "dropped": fitted.dropped["feature"].to_numpy(dtype=object),
        "reasons": fitted.dropped["reason"].to_numpy(dtype=object),
        "same_as": fitted.dropped["same_as"].to_numpy(dtype=object),
        "steps": json.dumps(fitted.steps),
        "link": str(fitted.transformation),
        "library": fitted.library.to_numpy(dtype=object),
        "share": fitted.share,
        "target": fitted.target,
        "mode": str(fitted.mode),
        "reference": fitted.reference,
        "design": "" if fitted.design is None else fitted.design.to_text(),
        "design_centre": np.zeros(0) if fitted.design is None else fitted.design.centre,
        "coefficients": fitted.coefficients,
    }


def from_arrays(arrays: Mapping[str, Any]) -> FittedPreprocessor:
    """Return what ``to_arrays`` took apart."""
    text = str(arrays["design"])
    return FittedPreprocessor(
        features=pd.Index(arrays["features"], dtype=object),
        centre=np.asarray(arrays["centre"]),
        spread=np.asarray(arrays["spread"]),
        level=np.asarray(arrays["level"]),
        missing=np.asarray(arrays.get("missing", np.zeros(len(arrays["level"]), dtype=np.int64))),
        dropped=pd.DataFrame(
            {
                "feature": arrays["dropped"],
                "reason": arrays["reasons"],
                "same_as": arrays.get("same_as", ""),  # files of earlier versions know no copies
            }
        ),
        steps=tuple(json.loads(str(arrays["steps"]))),
        transformation=Transform(str(arrays["link"])),
        library=pd.Index(arrays["library"], dtype=object),
        share=np.asarray(arrays["share"]),
        target=float(arrays["target"]),
        mode=Normalise(str(arrays["mode"])),
        reference=np.asarray(arrays["reference"]),
        design=Design(levels=json.loads(text), centre=np.asarray(arrays["design_centre"])) if text else None,
        coefficients=np.asarray(arrays["coefficients"]),
    )
