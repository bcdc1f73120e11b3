"""Gene sets: members by name, read from GMT, filtered, and as a mask over features."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from pathfa.data.findings import error, examples, repaired
from pathfa.errors import Finding, GeneSetError, MissingInputError


class GeneSets(Mapping[str, tuple[str, ...]]):
    """Gene sets by name, each with its members in the order given.

    Parameters
    ----------
    members
        Members of each set.
    source
        Where they come from.
    findings
        What was repaired while reading.

    Raises
    ------
    GeneSetError
        If there is no set, or one without members.
    """

    def __init__(
        self, members: Mapping[str, Iterable[str]], *, source: str = "memory", findings: Sequence[Finding] = ()
    ) -> None:
        self._members = {
            str(name): tuple(dict.fromkeys(str(gene) for gene in genes)) for name, genes in members.items()
        }
        self.source = source
        self.findings = tuple(findings)
        empty = [name for name, genes in self._members.items() if not genes]
        if empty or not self._members:
            found = f"{len(empty)} gene sets have no members" if empty else "no gene set"
            raise GeneSetError(
                findings=[
                    error("empty-gene-sets", found, expected="members in each", place=source, examples=examples(empty))
                ]
            )

    def __getitem__(self, name: str) -> tuple[str, ...]:
        return self._members[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def __repr__(self) -> str:
        return f"GeneSets({len(self)} sets from {self.source})"

    @property
    def names(self) -> list[str]:
        """Names of the sets."""
        return list(self._members)

    def members(self, name: str) -> tuple[str, ...]:
        """Return the members of a set."""
        return self._members[name]

    @property
    def sha256(self) -> str:
        """Checksum of names and members, whatever the file looked like."""
        text = "\n".join("\t".join((name, *sorted(genes))) for name, genes in sorted(self._members.items()))
        return hashlib.sha256(text.encode()).hexdigest()

    def filter(
        self, *, min_size: int = 1, max_size: int | None = None, features: Iterable[str] | None = None
    ) -> GeneSets:
        """Return the sets with enough and not too many members.

        Parameters
        ----------
        min_size, max_size
            Smallest and largest number of members; None sets no upper limit.
        features
            Count only members among these.

        Raises
        ------
        GeneSetError
            If no set is left.
        """
        measured = None if features is None else set(features)
        sizes = {
            name: len(genes) if measured is None else sum(gene in measured for gene in genes)
            for name, genes in self._members.items()
        }
        kept = {
            name: genes
            for name, genes in self._members.items()
            if sizes[name] >= min_size and (max_size is None or sizes[name] <= max_size)
        }
        if not kept:
            limits = f"at least {min_size}" + ("" if max_size is None else f" and at most {max_size}")
            found = f"none of {len(self)} gene sets has {limits} members" + (
                "" if measured is None else " among the features"
            )
            raise GeneSetError(
                findings=[
                    error(
                        "no-gene-sets",
                        found,
                        expected="gene sets over the names of the features",
                        fix="check that both use the same identifiers, or change the size limits",
                        place=self.source,
                        examples=examples(gene for genes in self._members.values() for gene in genes),
                    )
                ]
            )
        return GeneSets(kept, source=self.source, findings=self.findings)

    def coverage(self, features: Iterable[str]) -> pd.DataFrame:
        """Return per set how many members there are and how many are among the features."""
        measured = set(features)
        rows = [(name, len(genes), sum(gene in measured for gene in genes)) for name, genes in self._members.items()]
        table = pd.DataFrame(rows, columns=["gene_set", "n_members", "n_measured"]).set_index("gene_set")
        table["share"] = table["n_measured"] / table["n_members"]
        return table

    def mask(self, features: pd.Index) -> sparse.csr_matrix:
        """Return the membership of features in the sets, G x P."""
        position = {feature: row for row, feature in enumerate(features)}
        rows, columns = [], []
        for column, genes in enumerate(self._members.values()):
            found = [position[gene] for gene in genes if gene in position]
            rows += found
            columns += [column] * len(found)
        return sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(features), len(self)))


def read_gmt(path: str | Path) -> GeneSets:
    """Return the gene sets of a GMT file: name, description and members of a set per line, separated by tabs.

    Raises
    ------
    MissingInputError
        If there is no such file.
    GeneSetError
        If it is not a GMT file.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingInputError(
            findings=[
                error("missing-file", "no such file", expected="a GMT file", fix="check the path", place=str(path))
            ]
        )
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as problem:
        raise GeneSetError(findings=[_not_gmt(path, "a file that is not text", 0)]) from problem
    members: dict[str, list[str]] = {}
    findings: list[Finding] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        fields = [field.strip() for field in line.split("\t")]
        if len(fields) < 3:
            raise GeneSetError(
                findings=[_not_gmt(path, f"line {number} has {len(fields)} columns: {line[:60]!r}", number)]
            )
        name, genes = fields[0], [gene for gene in fields[2:] if gene]
        if name in members:
            findings.append(
                repaired(
                    "duplicate-gene-set", f"'{name}' occurs twice; its members were joined", place=f"{path}:{number}"
                )
            )
            genes = [*members[name], *genes]
        if genes:
            members[name] = genes
        else:
            findings.append(
                repaired("empty-gene-set", f"'{name}' has no members and was left out", place=f"{path}:{number}")
            )
    return GeneSets(members, source=str(path), findings=findings)


def _not_gmt(path: Path, found: str, line: int) -> Finding:
    return error(
        "not-gmt",
        found,
        expected="tab-separated lines: name, description, members",
        fix="export the collection as GMT",
        place=f"{path}:{line}" if line else str(path),
    )
