"""Covariates that look like personal data."""

from __future__ import annotations

import re

import pandas as pd

_NAMES = re.compile(
    r"(^|[_ .-])(first|last|sur|family|given|patient|full)?[_ .-]?names?$|^mrn$|medical[_ ]?record|^dob$|"
    r"birth[_ ]?(day|date)|dates?[_ ]?of[_ ]?birth|"
    r"e-?mail|phone|address|street|\bzip|post(al)?[_ ]?code|social[_ ]?security|^ssn$|insurance|passport|"
    r"national[_ ]?id|\bnhs\b",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$", re.IGNORECASE)
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}([T ].*)?$|^\d{1,2}[./]\d{1,2}[./]\d{4}$")
_MOST_LEVELS = 30


def personal(name: str, values: pd.Series) -> str:
    """Return why a covariate is left out, or nothing.

    Left out are columns that look like names, addresses, numbers of people or exact dates, and texts with a different
    value for nearly every sample, which identify instead of describe.
    """
    if _NAMES.search(name):
        return "the name of the column looks like personal data"
    known = values.dropna()
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return "exact dates can identify a person"
    if pd.api.types.is_numeric_dtype(values.dtype) or known.empty:
        return ""
    text = known.astype(str)
    if text.str.match(_EMAIL).mean() > 0.5:
        return "the values look like e-mail addresses"
    if text.str.match(_DATE).mean() > 0.5:
        return "exact dates can identify a person"
    if text.nunique() > max(_MOST_LEVELS, 0.8 * len(text)):
        return f"text with {text.nunique()} different values in {len(text)} samples identifies instead of describes"
    return ""
