"""What a gene set may be made of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from pathfa.core.errors import GeneSetError
from pathfa.core.grammar import count, inflect


def check_collection(sets: object) -> None:
    """Raise unless gene sets are a mapping."""
    if not isinstance(sets, Mapping):
        found = (
            f"the gene sets are {sets!r}"
            if isinstance(sets, str | Path)
            else f"the gene sets are a {type(sets).__name__}"
        )
        fix = "read a file with pathfa.read_gmt(path)"
        raise GeneSetError(f"{found}; expected a mapping from their names to their members. Fix: {fix}")


def check_name(name: object, members: object) -> None:
    """Raise unless a gene set has a name and a list of members."""
    if not isinstance(name, str) or not name.strip():
        raise GeneSetError(f"a gene set has the name {name!r}; expected text")
    if isinstance(members, str):
        raise GeneSetError(f"gene set '{name}' is the text {members!r}; expected a list of members")


def check_members(name: str, weights: Mapping[str, float]) -> None:
    """Raise unless every member is a name and every weight a finite number."""
    wrong = [member for member in weights if not isinstance(member, str) or not member.strip()]
    unweighted = [member for member, weight in weights.items() if not math.isfinite(weight)]
    if wrong or unweighted:
        raise GeneSetError.of(
            "gene-set-members",
            f"gene set '{name}' has {count(len(wrong), 'member')} without a name and "
            f"{count(len(unweighted), 'weight')} that {inflect(len(unweighted), 'are')} "
            "not finite",
            "members as text, weights as finite numbers",
            "drop them",
            examples=[*map(repr, wrong), *unweighted],
        )
