"""Gene-set collections: named sets of features, with or without weights."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from pathfa.core.errors import ConfigError, GeneSetError
from pathfa.core.findings import Finding
from pathfa.core.names import find_gene_set
from pathfa.core.text import count, inflect
from pathfa.data.gene_sets.overlap import jaccard

Members = Iterable[str] | Mapping[str, float]


class GeneSets(Mapping[str, tuple[str, ...]]):
    """A collection of named gene sets, in a fixed order.

    Parameters
    ----------
    sets
        From set names to members, or to a mapping from members to their weights. Members of one set are
        unique and keep their order.
    source
        Where the collection comes from: a path, or the name and release of a library.
    sha256
        Checksum of the file it was read from; that of the content when empty.
    descriptions
        A text per set, such as its page on the web.
    findings
        What was noticed when it was read.

    Raises
    ------
    GeneSetError
        When there is no set, a set has no name or no member, a name is not text, or a weight is not finite.

    Examples
    --------
    >>> sets = pf.GeneSets({"HYPOXIA": ["VEGFA", "CA9", "LDHA"], "CYCLE": {"MKI67": 1.0, "CDKN1A": -1.0}})
    >>> sets.names, "HYPOXIA" in sets, len(sets)
    (['HYPOXIA', 'CYCLE'], True, 2)
    >>> sets.sizes.to_dict()
    {'HYPOXIA': 3, 'CYCLE': 2}
    """

    def __init__(
        self,
        sets: Mapping[str, Members],
        *,
        source: str = "",
        sha256: str = "",
        descriptions: Mapping[str, str] | None = None,
        findings: Iterable[Finding] = (),
    ) -> None:
        _require_mapping(sets)
        self._weights = {name: _weights_of(name, members) for name, members in sets.items()}
        self.weighted = any(isinstance(members, Mapping) for members in sets.values())
        empty = [name for name, weights in self._weights.items() if not weights]
        if empty or not self._weights:
            what = f"{count(len(empty), 'gene set', 'have')} no members" if empty else "there is no gene set"
            raise GeneSetError.of("empty-gene-sets", what, "members in each", place=source, examples=empty)
        self.source = source
        self.descriptions = dict(descriptions or {})
        self.findings = tuple(findings)
        self._sha256_of_file = sha256

    @cached_property
    def sha256(self) -> str:
        """Checksum of the file it was read from; that of the content when none was given."""
        if self._sha256_of_file:
            return self._sha256_of_file
        rows = ((name, *(f"{gene},{weight!r}" for gene, weight in of.items())) for name, of in self._weights.items())
        lines = map("\t".join, rows)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def __getitem__(self, name: str) -> tuple[str, ...]:
        return tuple(self._weights[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._weights)

    def __len__(self) -> int:
        return len(self._weights)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, GeneSets):
            return NotImplemented
        return list(self._weights.items()) == list(other._weights.items())

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        source = f", {self.source}" if self.source else ""
        return f"GeneSets({count(len(self), 'set')}, {count(len(self.all_members), 'gene')}{source})"

    @property
    def names(self) -> list[str]:
        """Names of the sets, in order."""
        return list(self._weights)

    @property
    def sizes(self) -> pd.Series:
        """Number of members of each set."""
        return pd.Series(self._sizes, index=self.names, name="size")

    @cached_property
    def _sizes(self) -> np.ndarray:
        return np.fromiter(map(len, self._weights.values()), dtype=np.int64, count=len(self))

    @cached_property
    def _members(self) -> pd.Index:
        """Members of all sets, one set after the other."""
        return pd.Index(list(chain.from_iterable(self._weights.values())), dtype=object)

    @property
    def all_members(self) -> list[str]:
        """Every member once, in the order of first appearance."""
        return list(dict.fromkeys(self._members))

    def members(self, name: str) -> tuple[str, ...]:
        """Return the members of one set, by any of its spellings (``"E2F targets"``).

        Parameters
        ----------
        name
            Name of the set.

        Raises
        ------
        GeneSetError
            When there is no such set.

        Examples
        --------
        >>> pf.GeneSets({"HYPOXIA": ["VEGFA", "CA9"]}).members("HYPOXIA")
        ('VEGFA', 'CA9')
        """
        return self[self._called(name)]

    def weights(self, name: str) -> pd.Series:
        """Return the weights of one set, all 1 when it has none.

        Parameters
        ----------
        name
            Name of the set.

        Examples
        --------
        >>> pf.GeneSets({"CYCLE": {"MKI67": 1.0, "CDKN1A": -1.0}}).weights("CYCLE").to_dict()
        {'MKI67': 1.0, 'CDKN1A': -1.0}
        """
        return pd.Series(self._weights[self._called(name)], dtype=float, name=self._called(name))

    def _called(self, name: str) -> str:
        return name if name in self._weights else find_gene_set(name, self.names, GeneSetError)

    def mask(self, features: Iterable[str]) -> sparse.csr_matrix:
        """Return which features belong to which sets.

        Parameters
        ----------
        features
            G unique feature names.

        Returns
        -------
        scipy.sparse.csr_matrix
            G x P, float64: 1 (or the weight) where the feature is a member, else 0.

        Examples
        --------
        >>> pf.GeneSets({"HYPOXIA": ["VEGFA", "CA9"]}).mask(["CA9", "TP53", "VEGFA"]).toarray()
        array([[1.],
               [0.],
               [1.]])
        """
        index = features if isinstance(features, pd.Index) else pd.Index(list(features), dtype=object)
        values = np.fromiter(chain.from_iterable(map(dict.values, self._weights.values())), dtype=np.float64)
        rows = index.get_indexer(self._members)
        columns, kept = np.repeat(np.arange(len(self)), self._sizes), rows >= 0
        entries = (values[kept], (rows[kept], columns[kept]))
        return sparse.csr_matrix(entries, shape=(len(index), len(self)), dtype=np.float64)

    def n_measured(self, features: Iterable[str] | None) -> np.ndarray:
        """Return how many members of each set are among the features, P; all are when None.

        Parameters
        ----------
        features
            Names of the measured features.

        Examples
        --------
        >>> pf.GeneSets({"HYPOXIA": ["VEGFA", "CA9"]}).n_measured(["CA9", "TP53"])
        array([1])
        """
        if features is None:
            return self._sizes.copy()
        measured = set(features)
        return np.array([len(measured & weights.keys()) for weights in self._weights.values()])

    def usable(
        self, features: Iterable[str] | None, min_size: int, max_size: int | None = None, min_coverage: float = 0.0
    ) -> np.ndarray:
        """Return which sets have as many members as a fit asks for, P.

        Parameters
        ----------
        features
            Measured features, which alone count; all members count when None.
        min_size, max_size, min_coverage
            Bounds (inclusive) on the number of members, and least share of members that must be measured.

        Examples
        --------
        >>> sets = pf.GeneSets({"HYPOXIA": ["VEGFA", "CA9"], "OTHER": ["ABC"]})
        >>> sets.usable(["CA9", "VEGFA"], min_size=2)
        array([ True, False])
        """
        n, upper = self.n_measured(features), np.inf if max_size is None else max_size
        return np.asarray((min_size <= n) & (n <= upper) & (n / self._sizes >= min_coverage))

    def coverage(self, features: Iterable[str]) -> pd.DataFrame:
        """Return how much of each set is measured.

        Parameters
        ----------
        features
            Names of the measured features.

        Returns
        -------
        DataFrame
            One row per set: ``n_members``, ``n_measured`` and ``share`` (0..1).

        Examples
        --------
        >>> sets = pf.GeneSets({"HYPOXIA": ["VEGFA", "CA9"], "OTHER": ["ABC"]})
        >>> sets.coverage(["CA9", "TP53"])["share"].to_dict()
        {'HYPOXIA': 0.5, 'OTHER': 0.0}
        """
        table = pd.DataFrame({"n_members": self.sizes, "n_measured": self.n_measured(features)})
        table["share"] = table["n_measured"] / table["n_members"]
        return table.rename_axis("gene_set")

    def filter(
        self,
        *,
        min_size: int = 1,
        max_size: int | None = None,
        features: Iterable[str] | Mapping[str, Iterable[str]] | None = None,
        min_coverage: float = 0.0,
        views: str = "any",
    ) -> GeneSets:
        """Return the sets of a suitable size; members of the sets that stay are not changed.

        Parameters
        ----------
        min_size, max_size
            Bounds (inclusive) on the number of members, of measured members when ``features`` are given.
        features
            Measured features, or those of each view.
        min_coverage
            Least share of members that must be measured.
        views
            With the features of several views: a set stays if it qualifies in ``"any"`` or in ``"all"`` of them.

        Raises
        ------
        GeneSetError
            When no set is left.

        Examples
        --------
        >>> sets = pf.GeneSets({"HYPOXIA": ["VEGFA", "CA9"], "OTHER": ["ABC"]})
        >>> sets.filter(features=["CA9", "VEGFA"], min_size=2).names
        ['HYPOXIA']
        """
        if views not in ("any", "all"):
            raise ConfigError(f"views='{views}' is not known; expected 'any' or 'all'")
        asked = list(features.values()) if isinstance(features, Mapping) else [features]
        passed = [self.usable(names, min_size, max_size, min_coverage) for names in asked]
        keep = np.all(passed, axis=0) if views == "all" else np.any(passed, axis=0)
        if not keep.any():
            size = f"at least {min_size}" + ("" if max_size is None else f" and at most {max_size}")
            most = max(self.n_measured(names).max() for names in asked)
            fix = "check that both use the same identifiers, or change the limits of the size"
            if 0 < most < min_size:
                fix = f"the largest has {most}: set min_size (in Python min_set_size) to that or less"
            among = "" if features is None else " among the features"
            found = f"none of {count(len(self), 'gene set')} has {size} members{among}"
            expected = "gene sets over the names of the features"
            raise GeneSetError.of("no-gene-sets", found, expected, fix, place=self.source, examples=self.all_members)
        return self.subset([name for name, kept in zip(self.names, keep, strict=True) if kept])

    def subset(self, names: Iterable[str]) -> GeneSets:
        """Return only the named sets, in the order given.

        Parameters
        ----------
        names
            Names of the sets.

        Examples
        --------
        >>> pf.GeneSets({"HYPOXIA": ["VEGFA", "CA9"], "OTHER": ["ABC"]}).subset(["OTHER"]).names
        ['OTHER']
        """
        sets = {name: self._weights[name] if self.weighted else self[name] for name in map(self._called, names)}
        descriptions = {name: text for name, text in self.descriptions.items() if name in sets}
        return GeneSets(sets, source=self.source, descriptions=descriptions, findings=self.findings)

    def near_duplicates(self, threshold: float = 0.9) -> list[list[str]]:
        """Return groups of sets that are linked by a Jaccard similarity of at least ``threshold``.

        Parameters
        ----------
        threshold
            Least number of common members over that of all members of both, 0 to 1.

        Returns
        -------
        list of list of str
            Groups of two or more names, in the order of the collection.

        Examples
        --------
        >>> sets = pf.GeneSets({"A": ["VEGFA", "CA9"], "B": ["CA9", "VEGFA"], "C": ["TP53"]})
        >>> sets.near_duplicates()
        [['A', 'B']]
        """
        from scipy.sparse.csgraph import connected_components  # takes long to load

        similar = jaccard(self.mask(self.all_members)) >= threshold
        _, labels = connected_components(similar, directed=False)
        groups = pd.Series(self.names).groupby(labels)
        return [list(group) for _, group in groups if len(group) > 1]


def _require_mapping(sets: object) -> None:
    if not isinstance(sets, Mapping):
        given = repr(sets) if isinstance(sets, str | Path) else f"a {type(sets).__name__}"
        expected = "a mapping from their names to their members. Fix: read them with pathfa.data.read_gene_sets(path)"
        raise GeneSetError(f"the gene sets are {given}; expected {expected}")


def _weights_of(name: object, members: Members) -> dict[str, float]:
    """Return the members of a set with their weights; they must be names and finite numbers."""
    if not isinstance(name, str) or not name.strip():
        raise GeneSetError(f"a gene set has the name {name!r}; expected text")
    if isinstance(members, str):
        raise GeneSetError(f"gene set '{name}' is the text {members!r}; expected a list of members")
    given = members if isinstance(members, Mapping) else dict.fromkeys(members, 1.0)
    weights = {member: float(weight) for member, weight in given.items()}
    wrong = [member for member in weights if not isinstance(member, str) or not member.strip()]
    unweighted = [weight for weight in weights.values() if not math.isfinite(weight)]
    if wrong or unweighted:
        raise GeneSetError.of(
            "gene-set-members",
            f"gene set '{name}' has {count(len(wrong), 'member')} without a name and "
            f"{count(len(unweighted), 'weight')} that {inflect(len(unweighted), 'are')} not finite",
            "members as text, weights as finite numbers",
            "drop them",
            examples=[*map(repr, wrong), *unweighted],
        )
    return weights
