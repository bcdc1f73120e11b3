"""Columns of tables: which contain numbers, and which say how samples were handled and measured."""

from __future__ import annotations

import re
from itertools import pairwise
from numbers import Real

import pandas as pd
from pandas.api.types import is_bool_dtype, is_complex_dtype, is_integer_dtype, is_numeric_dtype

from pathfa.core.findings import Finding, warning
from pathfa.core.text import count

GROUPS_ALIKE = "groups-alike"
"""Code of the finding that groups differ only in how they are written."""
OLDEST = 120
"""Years of a person at most."""
_UNITS = frozenset({"day", "days", "week", "weeks", "wk", "wks", "month", "months", "mo", "mos", "hour", "hours"})
_FEWEST_CODES, MOST_CODES = 3, 5  # different whole numbers that are more likely groups than amounts
_PER_CODE = 3  # samples that there are for each of them, at least
_MOST_GROUPS = 30  # different words that are more likely groups than names of samples
_BETWEEN = re.compile(r"(?<=[^\W_])[\s_-]+(?=[^\W_])")  # what stands between the words of a name

# words, and pairs of words written as one
_TECHNICAL = re.compile(
    "batche?|plate|plex|tmt|tmtset|tmtplex|itraq|lane|run|flowcell|instrument|operator|library|slide|chip|array|"
    "center|centre|scandate|sequencingdate|processingdate|"
    "(center|centre|clinic|clinical|collection|hospital|lab|processing|recruitment|sequencing|source|study|trial)site"
)
_LABEL = re.compile("id|code|name|no|nr|num|number|index")
# columns that describe the subjects in spite of a word above: tumor_center, growth_plate, array_cgh_cluster
_OF_THE_SUBJECT = re.compile(
    "biopsy|cgh|cluster|distance|growth|lesion|margin|metastasi|metastatic|mutation|percent|primary|resection|"
    "treadmill|tumou?r"
)


# scores that programs compute, by one word or two; those that a plain word would be are so only as the whole name
_SCORES = re.compile(
    "(stroma|stromal|immune|estimate|purity)(score|index|subtype|cluster|class)|tumou?rpurity|"
    "(cytolytic|hypoxia|proliferation|stemness|emt)(score|index)|"
    "cibersort|cibersortx|xcell|mcpcounter|quantiseq|ssgsea|gsva|pam50|cms[0-9]?|"
    "(transcriptomics?|transcriptome|proteomics?|proteome|rna|mrna|expression)(score|subtype|cluster|class|signature)|"
    "integrated(subtype|cluster|class|phenotype)"
)
_SCORE_ALONE = re.compile("stroma|stromal|immune|estimate|purity")


def is_number(value: object) -> bool:
    """Whether a value is a real number, of Python or NumPy; truth values and complex numbers are none."""
    return isinstance(value, Real) and not isinstance(value, bool)


def holds_numbers(column: pd.Series | pd.Index) -> bool:
    """Whether the type of a column is one of real numbers."""
    dtype = column.dtype
    return is_numeric_dtype(dtype) and not is_bool_dtype(dtype) and not is_complex_dtype(dtype)


def holds_text(column: pd.Series | pd.Index) -> bool:
    """Whether a column holds text as pandas stores it: Python objects, which it may share with others, or strings.

    >>> holds_text(pd.Series(["a", None])), holds_text(pd.Series(["a"], dtype="string")), holds_text(pd.Series([1]))
    (True, True, False)
    """
    return column.dtype == object or isinstance(column.dtype, pd.StringDtype)


def are_codes(column: pd.Series) -> bool:
    """Whether a column is few different whole numbers, each often enough to be a group: more likely codes than amounts.

    Integers count, and text that is nothing else; numbers with a decimal point are amounts.

    >>> are_codes(pd.Series([1, 2, 3] * 3)), are_codes(pd.Series(["1", "2", "3"] * 3)), are_codes(pd.Series([1.0] * 9))
    (True, True, False)
    """
    known = column[column.notna()]
    levels = known.nunique() if holds_text(known) or is_integer_dtype(known.dtype) else 0
    if not _FEWEST_CODES <= levels <= MOST_CODES or len(known) < _PER_CODE * levels:
        return False
    text = known.map(lambda value: isinstance(value, str))
    return is_integer_dtype(known.dtype) or bool(text.all() and known.str.fullmatch(r"[+-]?\d+").all())


def codes_found(table: pd.DataFrame, fix: str, place: str) -> list[Finding]:
    """Return the warning that columns of a table are taken for codes of groups, if some are.

    Parameters
    ----------
    table
        Descriptions of samples.
    fix
        How to write them as amounts.
    place
        The table, for the message.
    """
    names = [name for name in table.columns if are_codes(table[name])]
    if not names:
        return []
    codes = [f"{name}: {', '.join(map(str, sorted(table[name].dropna().unique())))}" for name in names]
    found = f"{count(len(codes), 'column', 'contain')} few different whole numbers: read as groups, not as amounts"
    fix = f"write words if they are groups; {fix}"
    return [warning("codes-as-groups", found, fix=fix, place=place, items=codes)]


def levels_alike(table: pd.DataFrame, place: str) -> list[Finding]:
    """Return the warning that groups of a column are called alike but for case, blanks, ``-`` and ``_``, if some are.

    They are different groups to every test. What is no letter or digit tells groups apart at the ends of a name, such
    as ``ER+`` and ``ER-``, and so do decimal points.

    Parameters
    ----------
    table
        Descriptions of samples.
    place
        The table, for the message.

    Examples
    --------
    >>> sheet = pd.DataFrame({"msi": ["MSI-H", "msi h", "MSS"], "er": ["ER+", "ER-", "ER-"]})
    >>> [finding.examples for finding in levels_alike(sheet, "the sheet")]
    [("msi: 'MSI-H' and 'msi h'",)]
    """
    found = [f"{name}: {said}" for name in table.columns if (said := _alike(table[name]))]
    if not found:
        return []
    said = f"{count(len(found), 'column', 'have')} groups that differ only in case, blanks, - or _: taken for different"
    fix = "write each group in one way, if they are the same"
    return [warning(GROUPS_ALIKE, said, fix=fix, place=place, items=found)]


def _alike(column: pd.Series) -> str:
    """Return the levels of a column of text that are called alike."""
    if not (holds_text(column) or isinstance(column.dtype, pd.CategoricalDtype)):
        return ""
    levels = list(dict.fromkeys(value for value in column.dropna() if isinstance(value, str)))
    if len(levels) > _MOST_GROUPS:
        return ""
    spelled: dict[str, list[str]] = {}
    for level in levels:
        spelled.setdefault(_BETWEEN.sub(" ", level.strip()).casefold(), []).append(repr(level))
    return "; ".join(" and ".join(same) for same in spelled.values() if len(same) > 1)


def is_technical(name: object) -> bool:
    """Whether a column of this name describes how samples were handled, such as the batch, and not the subjects.

    Names are split into words where the case changes and at everything but letters. One word, or two side by side, must
    be as a whole among those known: ``plate_id``, ``TMTplex`` and ``FlowCell`` are technical, ``platelets`` is not. A
    ``site`` is technical alone or as that of an institution, but not as a part of the body.
    """
    text = str(name)
    camel = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    acronym = re.sub(r"(?<=[A-Z]{2})(?=[a-z])", " ", text)  # TMTplex
    return any(_technical(re.findall("[a-z]+", form.lower())) for form in (text, camel, acronym))


def not_years(name: object, column: pd.Series) -> bool:
    """Whether a column called an age, with no other unit in its name, holds numbers that cannot be years of a person.

    >>> months = pd.Series([395.0, 948.0])
    >>> not_years("Age", months), not_years("age_months", months), not_years("Stage", months)
    (True, False, False)
    """
    words = _words(name)
    if "age" not in words or not _UNITS.isdisjoint(words) or not holds_numbers(column):
        return False
    return bool((column.dropna() < 0).any() or (column > OLDEST).any())


def is_derived(name: object) -> bool:
    """Whether a column of this name holds what programs compute from RNA or protein, such as an immune score.

    >>> is_derived("StromalScore"), is_derived("TumorPurity"), is_derived("Proteomic_subtype"), is_derived("Stage")
    (True, True, True, False)
    """
    words = _words(name)
    phrases = [*words, *map("".join, pairwise(words))]
    return any(map(_SCORES.fullmatch, phrases)) or _SCORE_ALONE.fullmatch("".join(words)) is not None


def _words(name: object) -> list[str]:
    return re.findall("[a-z]+[0-9]*", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(name)).lower())


def _technical(words: list[str]) -> bool:
    words = [word.removesuffix("s") for word in words]
    if "batch" in words or [word for word in words if not _LABEL.fullmatch(word)] == ["site"]:
        return True
    phrases = [*words, *map("".join, pairwise(words))]
    return any(map(_TECHNICAL.fullmatch, phrases)) and not any(map(_OF_THE_SUBJECT.fullmatch, words))
