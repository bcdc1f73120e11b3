"""What does not belong into a file that is passed on: names of people, and of samples where asked."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

import pandas as pd

from pathfa.result import PathFAResult

_NAMES = re.compile(
    r"(^|[_ .-])(first|last|sur|family|given|patient|full)?[_ .-]?names?$|^mrn$|medical[_ ]?record|birth|^dob$|"
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


def code_names(names: pd.Index, salt: str) -> dict[str, str]:
    """Return a code per sample name: a hash that does not give the name away unless the salt is known."""
    digests = {str(name): hashlib.sha256(f"{salt}\x00{name}".encode()).hexdigest() for name in names}
    length = 8
    while len({digest[:length] for digest in digests.values()}) < len(digests):
        length += 1
    return {name: f"S-{digest[:length]}" for name, digest in digests.items()}


def anonymise(result: PathFAResult, covariates: pd.DataFrame, salt: str) -> tuple[PathFAResult, pd.DataFrame]:
    """Return the result and the covariates with codes instead of sample names, and without the paths of the inputs.

    Findings lose their examples, which may hold sample names.

    Parameters
    ----------
    result, covariates
        As they are; rows are samples.
    salt
        Secret that the codes depend on; the same salt gives the same codes.
    """
    codes = code_names(result.scores.index, salt)

    def coded(table: pd.DataFrame) -> pd.DataFrame:
        return table.set_axis(pd.Index([codes[str(name)] for name in table.index]), axis=0)

    provenance = {key: value for key, value in result.provenance.items() if key not in ("inputs", "command", "host")}
    new = replace(
        result,
        scores=coded(result.scores),
        presence=coded(result.presence),
        obs=coded(result.obs),
        data={view: coded(table) for view, table in result.data.items()},
        view_scores={view: coded(table) for view, table in result.view_scores.items()},
        findings=tuple(replace(item, examples=(), place="") for item in result.findings),
        provenance=provenance,
    )
    return new, coded(covariates)
