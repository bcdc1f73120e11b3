"""What is wrong with the input, before anything is fitted: of a cohort, and of a gene-set collection."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from pathfa.core.errors import ConfigError, MissingInputError
from pathfa.core.files import whole, write_text
from pathfa.core.findings import Finding, error, warning
from pathfa.core.text import count, did_you_mean, part_of
from pathfa.data.cohort.orientation import IN_ROWS
from pathfa.data.cohort.views import Cohort
from pathfa.data.validation.samples import check_follow_up
from pathfa.fit.possible import impossible_options
from pathfa.options import FitOptions
from pathfa.workflow.config import CohortSource, Collection, Roles
from pathfa.workflow.read import (
    file_findings,
    or_findings,
    read_collection,
    read_covariates,
    read_source,
    usable_counts,
)

if TYPE_CHECKING:
    from mudata import MuData

    from pathfa.data import GeneSets

logger = logging.getLogger(__name__)

_NO_COLUMN = "unknown-covariate"
_SHOWN = 20  # most columns that a message lists


def validate_cohort(
    cohort: str,
    source: CohortSource,
    collections: Mapping[str, Collection],
    roles: Roles,
    out: Path | None = None,
    runs: Mapping[str, FitOptions] | None = None,
) -> dict[str, Any]:
    """Collect everything that is wrong with the input of a cohort, and the counts that the gate looks at.

    Parameters
    ----------
    cohort
        Its name.
    source
        Where it comes from.
    collections
        The gene sets it is to be fitted with.
    roles
        What the columns of its covariates are.
    out
        File for what was found, as a workflow needs it.
    runs
        The options of the fits that are wanted, by name.

    Returns
    -------
    dict
        As in ``data_schemas/validation.schema.json``.
    """
    from pathfa.data import as_cohort

    findings = file_findings(source.files())
    data = aligned = None
    read = {name: _read(item) for name, item in collections.items()}
    genes = [sets.all_members for sets, _ in read.values() if sets is not None]
    if not any(finding.place != "covariates" for finding in findings):
        data = or_findings(findings, lambda: read_source(source, genes))
    if data is not None:
        aligned = or_findings(findings, lambda: as_cohort(data))
    if aligned is not None and not any(finding.place == "covariates" for finding in findings):
        or_findings(findings, lambda: findings.extend(_covariate_findings(source, aligned, roles)))
    if aligned is not None:
        for run, options in (runs or {}).items():
            wrong = impossible_options(options, len(aligned.samples), aligned.view_names)
            findings += [replace(finding, place=f"run '{run}'") for finding in wrong]
    found = {
        "cohort": cohort,
        "n_samples": 0 if aligned is None else len(aligned.samples),
        "n_shared": 0 if aligned is None else int(aligned.presence.all(axis=1).sum()),
        "views": {} if aligned is None else {view.name: len(view.features) for view in aligned.views},
        "scales": {} if aligned is None else _scales(aligned),
        "samples_in_rows": [] if aligned is None else [each.view for each in aligned.findings if each.code == IN_ROWS],
        "findings": [finding.to_dict() for finding in findings],
        "collections": {name: _measured(item, *read[name], data, aligned) for name, item in collections.items()},
    }
    if out is not None:
        write_text(out, json.dumps(found, indent=2) + "\n")
    return found


def _scales(cohort: Cohort) -> dict[str, str]:
    """Return what the values of each view were taken for, and what is done to them."""
    from pathfa.data.preprocess.preprocessor import ViewPreprocessor
    from pathfa.data.preprocess.transforms import Transform
    from pathfa.data.validation.values import possible_views

    scales = {}
    for view in possible_views(cohort):
        _, transform, words = ViewPreprocessor().resolved(view).scale_of(view)
        done = "fitted as they are" if transform is Transform.NONE else f"fitted as {transform}"
        scales[view.name] = f"{words}; {done}"
    return scales


def _read(item: Collection) -> tuple[GeneSets | None, list[Finding]]:
    """Return the gene sets, or None, and why they cannot be read."""
    findings: list[Finding] = []
    return or_findings(findings, lambda: read_collection(item)), findings


def _measured(
    item: Collection, sets: GeneSets | None, findings: list[Finding], data: MuData | None, aligned: Cohort | None
) -> dict[str, Any]:
    """Return what a collection and a cohort have in common."""
    from pathfa.data import validate as problems_of

    n_gene_sets, n_features = 0, {}
    if sets is not None and data is not None and aligned is not None:
        features = {view.name: [str(name) for name in view.features] for view in aligned.views}
        n_features = {view: usable_counts(sets, item, names)["n_features"] for view, names in features.items()}
        every = [name for names in features.values() for name in names]
        n_gene_sets = usable_counts(sets, item, every)["n_gene_sets"]
        some = bool(sets.n_measured(every).any())  # else what the names look like is said, which is more
        small_enough = (
            or_findings(findings, lambda: sets.filter(max_size=item.max_size, features=every)) if some else None
        )
        given = sets if small_enough is None else small_enough  # those that a fit sees
        or_findings(findings, lambda: findings.extend(problems_of(data, given, min_set_size=item.min_size)))
    problems = [finding.to_dict() for finding in findings]
    return {"n_gene_sets": n_gene_sets, "n_features": n_features, "findings": problems}


def _covariate_findings(source: CohortSource, aligned: Cohort, roles: Roles) -> list[Finding]:
    """Return what is wrong with the covariates of a cohort; without a file with those that the cohort contains."""
    file, names = source.covariates, [str(name) for name in aligned.samples]
    if file is None:
        return _role_findings(aligned.obs, roles)
    table, said = read_covariates(file, names)
    absent = [name for name in names if name not in table.index]
    if source.samples is not None and source.samples.path == file.path:
        said = []  # of the sample sheet it is said when it is read
    if not absent:
        return [*said, *_role_findings(table.reindex(names), roles)]
    if len(absent) < len(names):
        found = f"{part_of(len(absent), len(names), 'sample', 'are')} not in {file.path}"
        fix = "add them; without it they are left out of the associations"
        return [
            *said,
            warning("samples-without-covariates", found, fix=fix, place="covariates", items=absent),
            *_role_findings(table.reindex(names), roles),
        ]
    in_rows = [view.name for view in aligned.views if view.features.isin(table.index).any()]
    swapped = f"they are the features of view '{in_rows[0]}': set samples_in: rows there" if in_rows else ""
    expected = f"names such as {', '.join(map(repr, table.index[:3]))}"
    found = f"none of {count(len(names), 'sample')} is in {file.path}"
    fix = swapped or "use the same sample names"
    return [error("no-covariates", found, expected=expected, fix=fix, place="covariates", items=absent)]


def _role_findings(table: pd.DataFrame, roles: Roles) -> list[Finding]:
    """Return what keeps columns of the covariates from being what they are said to be."""
    columns = [str(name) for name in table.columns]
    if not columns and (named := roles.named()):
        quoted = ", ".join(f"'{name}'" for name in named)
        found = f"there are no covariates, but {quoted} {'has a role' if len(named) == 1 else 'have roles'}"
        fix = "name one with 'covariates'; without it the report shows none"
        return [warning("no-covariates", found, place="covariates", expected="a table of covariates", fix=fix)]
    findings = [_unknown(name, columns) for name in roles.named() if name not in columns]
    findings += [
        error(
            "empty-covariate",
            f"no sample has a value in the column '{name}'",
            place="covariates",
            expected="the follow-up time, and whether the event was seen",
            fix="fill the column, or remove 'time' and 'event'",
        )
        for name in (roles.time, roles.event)
        if name in columns and table[name].isna().all()
    ]
    if not findings and roles.time and roles.event:
        place = (f"covariates, column '{roles.time}'", f"covariates, column '{roles.event}'")
        findings += check_follow_up(table[roles.time], table[roles.event], place)
    return findings


def shown_columns(table: pd.DataFrame, roles: Roles) -> list[str]:
    """Return the columns of the covariates that are shown: those with a role, or all where none is called biological.

    Parameters
    ----------
    table
        The covariates, samples in rows.
    roles
        What the columns are.

    Raises
    ------
    pathfa.core.errors.ConfigError
        If a role names a column that is not there.
    """
    findings = _role_findings(table, roles)
    if unknown := [finding for finding in findings if finding.code == _NO_COLUMN]:
        raise ConfigError(findings=unknown)
    for finding in findings:  # the report says what it could not use, and why
        logger.warning("warning: %s", finding)
    return list(dict.fromkeys(roles.named())) if roles.biological else list(table.columns)


def _unknown(name: str, columns: Sequence[str]) -> Finding:
    more = f" and {len(columns) - _SHOWN} more" if len(columns) > _SHOWN else ""
    return error(
        _NO_COLUMN,
        f"'{name}' is no column of the covariates",
        place="covariates",
        expected=f"one of {', '.join(columns[:_SHOWN])}{more}",
        fix=did_you_mean(name, columns, f"remove '{name}', or add the column"),
    )


def describe_collection(item: Collection, source: CohortSource | None, out: Path | None) -> dict[str, Any]:
    """Describe a collection, how much of it a cohort measures, and write it in GMT format.

    Returns
    -------
    dict
        Number of sets, sizes, checksum; with a cohort also how many members each view measures.
    """
    from pathfa.data.gene_sets.gmt import write_gmt

    sets = read_collection(item)
    sizes = [len(sets.members(name)) for name in sets.names]
    found: dict[str, Any] = {
        "source": item.path,
        "sha256": sets.sha256,
        "n_gene_sets": len(sets),
        "n_genes": len(sets.all_members),
        "smallest": min(sizes),
        "largest": max(sizes),
    }
    if source is not None:
        from pathfa.data import as_cohort

        cohort = as_cohort(read_source(source, sets.values()))
        found["measured"] = {view.name: usable_counts(sets, item, list(view.features)) for view in cohort.views}
    if out is not None:
        with whole(out) as part:
            write_gmt(sets, part)
    return found


def check_collection(name: str, item: Collection, out: Path, found: Path) -> dict[str, Any]:
    """Write a collection in GMT format and what is wrong with it: one that cannot be read stops no other.

    Parameters
    ----------
    name
        Its name.
    item
        The collection.
    out
        GMT file; without gene sets where the collection cannot be read.
    found
        JSON file for what was found, as in ``data_schemas/collection.schema.json``.

    Returns
    -------
    dict
        Number of sets and of errors.

    Raises
    ------
    pathfa.core.errors.MissingInputError
        If it cannot be downloaded, which may be otherwise the next time.
    """
    findings: list[Finding] = []
    counts = or_findings(findings, lambda: describe_collection(item, None, out))
    if counts is None:
        if any(finding.code == "no-download" for finding in findings):
            raise MissingInputError(findings=findings)
        write_text(out, "")
    n_sets = 0 if counts is None else int(counts["n_gene_sets"])
    content = {"collection": name, "n_gene_sets": n_sets, "findings": [finding.to_dict() for finding in findings]}
    write_text(found, json.dumps(content, indent=2) + "\n")
    return {"n_gene_sets": n_sets, "errors": len(findings)}
