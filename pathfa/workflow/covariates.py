"""Covariates of a cohort: read, and compared with its samples and with the roles that a configuration names."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from pathfa.core.errors import ConfigError
from pathfa.core.findings import Finding, error, warning
from pathfa.core.text import count, did_you_mean, part_of
from pathfa.data.cohort.views import Cohort
from pathfa.data.io.sheet import load_sheet, oriented
from pathfa.data.io.tables import with_numbers
from pathfa.data.validation.samples import check_follow_up
from pathfa.workflow.config import File, Roles
from pathfa.workflow.read import require_file

_SHOWN = 20  # most columns that a message lists


def read_covariates(file: File, samples: Sequence[str]) -> pd.DataFrame:
    """Read the covariates of samples.

    Parameters
    ----------
    file
        A table with the samples in rows or in columns.
    samples
        Names of the samples of the cohort, by which the rows are told from the columns.

    Returns
    -------
    pandas.DataFrame
        Samples in rows. A column is numeric when all its values are numbers, else text.

    Raises
    ------
    pathfa.core.errors.MissingInputError
        If the file is absent.
    pathfa.core.errors.InputError
        If it has another checksum, is not a table, or has a sample twice.
    """
    require_file(file, "covariates")
    return with_numbers(oriented(load_sheet(file.path), [pd.Index(samples)]))


def check_covariates(file: File | None, aligned: Cohort, roles: Roles) -> list[Finding]:
    """Return what is wrong with the covariates of a cohort.

    Parameters
    ----------
    file
        Their table; None for those that the cohort brings along.
    aligned
        The cohort.
    roles
        What the columns are.

    Raises
    ------
    pathfa.core.errors.InputError
        If the table cannot be read.
    """
    names = [str(name) for name in aligned.samples]
    if file is None:
        return check_roles(aligned.obs, roles)
    table = read_covariates(file, names)
    without = [name for name in names if name not in table.index]
    if len(without) == len(names):
        turned = [view.name for view in aligned.views if view.features.isin(table.index).any()]
        found = error(
            "no-covariates",
            f"none of {count(len(names), 'sample')} is in {file.path}",
            f"names such as {', '.join(map(repr, table.index[:3]))}",
            f"they are the features of view '{turned[0]}': set samples_in: rows there"
            if turned
            else "name the samples alike",
            place="covariates",
            items=without,
        )
        return [found]
    missing = warning(
        "samples-without-covariates",
        f"{part_of(len(without), len(names), 'sample', 'are')} not in {file.path}",
        fix="add them; without it they are left out of the associations",
        place="covariates",
        items=without,
    )
    return [*([missing] if without else []), *check_roles(table.reindex(names), roles)]


def check_roles(table: pd.DataFrame, roles: Roles) -> list[Finding]:
    """Return what keeps columns of the covariates from being what they are said to be.

    Parameters
    ----------
    table
        The covariates, samples in rows.
    roles
        What the columns are.
    """
    columns = [str(name) for name in table.columns]
    if not columns and (named := roles.named()):
        found = warning(
            "no-covariates",
            f"there are no covariates, but {_quoted(named)} {'has a role' if len(named) == 1 else 'have roles'}",
            "a table of covariates",
            "name one with 'covariates'; without it the report shows none",
            place="covariates",
        )
        return [found]
    findings = [_unknown(name, columns) for name in roles.named() if name not in columns]
    for name in (roles.time, roles.event):
        if name in columns and table[name].isna().all():
            findings.append(
                error(
                    "empty-covariate",
                    f"no sample has a value in the column '{name}'",
                    "the follow-up time, and whether the event was seen",
                    "fill the column, or remove 'time' and 'event'",
                    place="covariates",
                )
            )
    if not findings and roles.time and roles.event:
        place = (f"covariates, column '{roles.time}'", f"covariates, column '{roles.event}'")
        findings += check_follow_up(table[roles.time], table[roles.event], place)
    return findings


def asked_columns(table: pd.DataFrame, roles: Roles) -> list[str]:
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
        If a role names a column that is not there, or those of survival do not hold times and events.
    """
    ConfigError.stop_on(check_roles(table, roles))
    return list(dict.fromkeys(roles.named())) if roles.biological else list(table.columns)


def _unknown(name: str, columns: Sequence[str]) -> Finding:
    more = f" and {len(columns) - _SHOWN} more" if len(columns) > _SHOWN else ""
    return error(
        "unknown-covariate",
        f"'{name}' is no column of the covariates",
        f"one of {', '.join(columns[:_SHOWN])}{more}",
        did_you_mean(name, columns, f"remove '{name}', or add the column"),
        place="covariates",
    )


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
