"""Labels: readable names of gene sets, and names of factors made from them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from pathfa.core.choices import bad_option
from pathfa.core.errors import ConfigError

_COLLECTIONS = re.compile(
    r"^(HALLMARK|REACTOME|KEGG(_MEDICUS)?|WP|BIOCARTA|PID|GOBP|GOCC|GOMF|GO|NABA|SIG|SA)_", re.IGNORECASE
)
# words that stay in capitals when an all-capitals name is made readable
_ACRONYMS = frozenset({
    "AKT", "ATP", "B", "BCR", "CD", "CD4", "CD8", "CMS", "DNA", "E2F", "EGFR", "EMT", "ER", "ERBB2", "ERK", "FC",
    "FGF", "G1", "G2", "G2M", "GTP", "IFN", "IL1", "IL2", "IL6", "JAK", "JAK2", "KRAS", "MAPK", "MHC", "MRNA",
    "MTOR", "MTORC1", "MYC", "NFKB", "NK", "NOTCH", "P53", "PDGF", "PI3K", "RNA", "ROS", "RRNA", "STAT", "STAT3",
    "STAT5", "T", "TCA", "TCR", "TGF", "TNF", "TNFA", "TRNA", "UV", "V1", "V2", "VEGF", "WNT"
})  # fmt: skip


def readable(gene_set: str) -> str:
    """Return a gene-set name without its collection prefix and, where it is all capitals, in lower case.

    >>> readable("HALLMARK_INTERFERON_GAMMA_RESPONSE")
    'interferon gamma response'
    """
    name = _COLLECTIONS.sub("", gene_set) or gene_set
    words = name.replace("_", " ").split()
    if name.upper() == name:
        words = [word if word in _ACRONYMS else word.lower() for word in words]
    return " ".join(words)


def factor_order(variance_explained: np.ndarray) -> np.ndarray:
    """Return the factors by falling sum of R2 over the views, from K x views; ties keep their order."""
    return np.argsort(-variance_explained.sum(axis=1), kind="stable")


def factor_names(weights: pd.DataFrame, impact: np.ndarray | None = None, max_sets: int = 2) -> list[str]:
    """Return one name per factor made from its leading gene sets, such as ``"F1 EMT + myogenesis"``.

    Parameters
    ----------
    weights
        Gene-set weights, P x K.
    impact
        What a unit of weight of each gene set contributes, P; weights alone when None.
    max_sets
        Most gene sets in a name; the second needs at least half the contribution of the first.
    """
    names = []
    values = np.abs(weights.to_numpy()) * (1.0 if impact is None else impact[:, None])
    for k in range(weights.shape[1]):
        order = np.argsort(-values[:, k], kind="stable")[:max_sets]
        leading = [p for p in order if values[p, k] > 0 and values[p, k] >= 0.5 * values[order[0], k]]
        label = " + ".join(readable(str(weights.index[p])) for p in leading) or "unannotated"
        names.append(f"F{k + 1} {label}")
    return names


def factor_id(name: str) -> str:
    """Return the id of a factor, such as ``F1``, from its full name."""
    return name.split(" ", 1)[0]


def renamed(names: Sequence[str], changes: Mapping[str, str]) -> list[str]:
    """Return names of factors with some of them changed; keys are full names or ids such as ``"F1"``.

    Raises
    ------
    ConfigError
        If a key is no factor or two factors would share a name.
    """
    ids = {factor_id(name): name for name in names}
    full = {ids.get(key, key): value for key, value in changes.items()}
    unknown = [key for key in full if key not in names]
    new = [full.get(name, name) for name in names]
    if unknown or len(set(new)) < len(new):
        found = f"unknown factors {unknown[:3]}" if unknown else "a name that two factors would share"
        fix = f"use names from {', '.join(ids)}"
        raise ConfigError(findings=[bad_option("names", found, "one new name per factor", fix)])
    return new
