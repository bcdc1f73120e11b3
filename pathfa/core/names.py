"""Names of gene sets and factors: readable, and found by any of their spellings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches

from pathfa.core.errors import ConfigError, InputError
from pathfa.core.findings import Finding, error
from pathfa.core.text import count

COLLECTIONS = re.compile(
    r"^(HALLMARK|REACTOME|KEGG(_MEDICUS)?|WP|BIOCARTA|PID|GOBP|GOCC|GOMF|GO|NABA|SIG|SA)_", re.IGNORECASE
)
"""What names of gene sets of MSigDB begin with."""
# words that stay in capitals when an all-capitals name is made readable
_ACRONYMS = frozenset({
    "ADP", "AKT", "AMP", "ATP", "B", "BCR", "CD", "CD4", "CD8", "CMS", "DNA", "E2F", "EGFR", "EMT", "ER", "ERBB2",
    "ERK", "FAD", "FC", "FGF", "G1", "G2", "G2M", "GDP", "GTP", "IFN", "IL1", "IL2", "IL6", "JAK", "JAK2", "KRAS",
    "MAPK", "MHC", "MTOR", "MTORC1", "MYC", "NAD", "NADH", "NADP", "NADPH", "NFKB", "NK", "NOTCH", "P53", "PDGF",
    "PI3K", "RNA", "ROS", "STAT", "STAT3", "STAT5", "T", "TCA", "TCR", "TGF", "TNF", "TNFA", "UDP", "UV", "V1",
    "V2", "VEGF", "WNT"
})  # fmt: skip
_WRITTEN = {"ATPASE": "ATPase", "DN": "down", "GTPASE": "GTPase", "MRNA": "mRNA", "RRNA": "rRNA", "TRNA": "tRNA"}
"""How words of an all-capitals name are written that are neither acronyms nor in lower case."""
_SHORT = {
    "BCR": ("B cell receptor",),
    "CIN": ("chromosomal instability",),
    "ECM": ("extracellular matrix",),
    "EMT": ("epithelial mesenchymal transition", "epithelial to mesenchymal transition"),
    "FAO": ("fatty acid oxidation",),
    "IFNA": ("interferon alpha",),
    "IFNG": ("interferon gamma",),
    "MSI": ("microsatellite instability",),
    "MSS": ("microsatellite stable",),
    "OXPHOS": ("oxidative phosphorylation",),
    "ROS": ("reactive oxygen species",),
    "TCR": ("T cell receptor",),
    "TMB": ("tumor mutational burden", "tumour mutational burden"),
    "UPR": ("unfolded protein response",),
}
"""What is written short, and how it is written out; what has several meanings is not here."""
_LONG = {words.lower(): short for short, phrases in _SHORT.items() for words in phrases}
_ANY_SHORT = re.compile(rf"(?<![A-Z])({'|'.join(_SHORT)})(?![A-Z])", re.IGNORECASE)
_ANY_LONG = re.compile("|".join(_LONG), re.IGNORECASE)
SEPARATOR = " | "
"""Between several names in one cell of a table, as in the column ``near_copies``."""
_NEAR = 3  # names that a message offers


def readable(gene_set: str) -> str:
    """Return a gene-set name without its collection prefix and, where it is all capitals, in lower case.

    >>> readable("HALLMARK_INTERFERON_GAMMA_RESPONSE")
    'interferon gamma response'
    >>> readable("HALLMARK_UV_RESPONSE_DN")
    'UV response down'
    """
    name = COLLECTIONS.sub("", gene_set) or gene_set
    words = name.replace("_", " ").split()
    if name.upper() == name:
        words = [word if word in _ACRONYMS else _WRITTEN.get(word, word.lower()) for word in words]
    return " ".join(words)


def factor_id(name: str) -> str:
    """Return the id of a factor, such as ``F1``, from its full name."""
    return name.split(" ", 1)[0]


def other_words(name: str) -> str:
    """Return a name with its words written short where that is usual, or written out where they are short.

    >>> other_words("epithelial mesenchymal transition"), other_words("MSI-H"), other_words("hypoxia")
    ('EMT', 'microsatellite instability-H', '')
    """
    short = _ANY_LONG.sub(lambda found: _LONG[found[0].lower()], name)
    other = _ANY_SHORT.sub(lambda found: _SHORT[found[0].upper()][0], name) if short == name else short
    return "" if other == name else other


def set_spellings(name: str) -> tuple[str, ...]:
    """Return what a gene set is called: its name, as figures and tables show it, and short where that is usual."""
    shown = readable(name)
    other = other_words(shown)
    return (name, shown, other) if other else (name, shown)


def factor_spellings(name: str) -> tuple[str, ...]:
    """Return what a factor is called: its full name, its id, and the rest of its name."""
    return name, factor_id(name), name.partition(" ")[2] or name


def find_name(
    what: str,
    name: str,
    known: Sequence[str],
    spellings: Callable[[str], Iterable[str]] = lambda name: (name,),
    raised: type[InputError] = ConfigError,
) -> str:
    """Return the one of some names that is meant, in whatever spelling; case, ``_`` and spaces do not count.

    Parameters
    ----------
    what
        What it is the name of, such as ``"gene set"``.
    name
        As it was given.
    known
        The names that there are.
    spellings
        What each of them is called.
    raised
        What is raised if none of them, or more than one, is called so; the message has the nearest, or those.

    Examples
    --------
    >>> find_name("gene set", "E2F targets", ["HALLMARK_E2F_TARGETS", "HALLMARK_HYPOXIA"], set_spellings)
    'HALLMARK_E2F_TARGETS'
    >>> find_name("factor", "f2", ["F1 EMT", "F2 hypoxia (rna)"], factor_spellings)
    'F2 hypoxia (rna)'
    """
    if name in known:
        return name
    called = [each for each in known if _plain(name) in map(_plain, spellings(each))]
    if len(called) == 1:
        return called[0]
    raise raised(findings=[_ambiguous(what, name, called) if called else unknown(what, name, known, spellings)])


def find_gene_set(name: str, known: Sequence[str], raised: type[InputError] = ConfigError) -> str:
    """Return the name of a gene set from any of its spellings; see :func:`find_name`."""
    return find_name("gene set", name, known, set_spellings, raised)


def find_factor(name: str, known: Sequence[str]) -> str:
    """Return the full name of a factor from its id or any of its spellings; see :func:`find_name`."""
    return find_name("factor", name, known, factor_spellings)


def column_words(names: Iterable[str]) -> dict[str, str]:
    """Return what columns of a table are called where people read them, by their names: with blanks for underscores.

    Columns that would be called alike keep their names.

    >>> column_words(["T_stage", "age"])
    {'T_stage': 'T stage', 'age': 'age'}
    >>> column_words(["a_b", "a b"])
    {'a_b': 'a_b', 'a b': 'a b'}
    """
    words = {name: " ".join(name.replace("_", " ").split()) or name for name in dict.fromkeys(names)}
    times = Counter(words.values())
    return {name: shown if times[shown] == 1 else name for name, shown in words.items()}


def columns_called(names: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Return which column is meant by each name, in whatever spelling; names that no one column has are left out.

    >>> columns_called(["t stage", "sex"], ["T_stage", "age"])
    {'t stage': 'T_stage'}
    """
    columns = [str(name) for name in known]
    means = {name: [each for each in columns if _plain(each) == _plain(name)] for name in names}
    found = {name: name if name in columns else (alike[0] if len(alike) == 1 else "") for name, alike in means.items()}
    return {name: column for name, column in found.items() if column}


def unknown(
    what: str, name: str, known: Sequence[str], spellings: Callable[[str], Iterable[str]] = lambda name: (name,)
) -> Finding:
    """Return the finding that a name is none of those known, with the nearest."""
    written = {_plain(spelling): each for each in known for spelling in spellings(each)}
    near = list(dict.fromkeys(written[each] for each in get_close_matches(_plain(name), written, n=_NEAR)))
    few = f"take one of {count(len(known), 'name')}" if known else f"there is no {what}"
    return error(
        f"unknown-{what.replace(' ', '-')}",
        repr(name),
        expected=f"the name of a known {what}",
        examples=() if near else tuple(known[:_NEAR]),
        place=what,
        fix=f"did you mean {' or '.join(map(repr, near))}?" if near else few,
    )


def _ambiguous(what: str, name: str, called: Sequence[str]) -> Finding:
    found, expected = f"{name!r}, which {len(called)} are called", "the name of one of them"
    fix = f"give {' or '.join(map(repr, called[:_NEAR]))}"
    return error(f"ambiguous-{what.replace(' ', '-')}", found, expected, fix, place=what, examples=tuple(called))


def _plain(name: str) -> str:
    return " ".join(re.sub(r"(?<!\d)0+(?=\d)", "", name.casefold().replace("_", " ")).split())
