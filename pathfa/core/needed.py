"""Packages that only some uses need: where one is absent, the error says with which command it comes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata

from packaging.requirements import Requirement

from pathfa.core.errors import ConfigError


@contextmanager
def needed(package: str, use: str, *, instead: str = "", place: str = "") -> Iterator[None]:
    """Import inside this block what ``use`` needs.

    Parameters
    ----------
    package
        The package as pip knows it.
    use
        What cannot be done without it.
    instead
        What can be done in place of installing it.
    place
        The file or argument that asks for it.

    Raises
    ------
    ConfigError
        If it is not installed, or lacks a part, with the command that installs it.

    Examples
    --------
    >>> from pathfa.core.needed import needed
    >>> with needed("lifelines", "survival analysis"):
    ...     from lifelines import CoxPHFitter
    """
    try:
        yield
    except ModuleNotFoundError as error:
        found = f"{use} without the package {package} (no module '{error.name}')"
        fix = f"{command(package)}{f', or {instead}' if instead else ''}"
        raise ConfigError.of("not-installed", found, f"{package} installed", fix, place=place) from error


def command(package: str) -> str:
    """Return the command that installs a package in a version that PathFA works with."""
    asked = (Requirement(text) for text in metadata.requires("pathfa") or [])
    versions = {requirement.name: requirement.specifier for requirement in asked}
    return f"pip install '{package}{versions.get(package, '')}'"
