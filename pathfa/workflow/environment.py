"""What PathFA finds on this machine."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from joblib import cpu_count
from packaging.requirements import Requirement

from pathfa._version import __version__
from pathfa.core.errors import PathFAError
from pathfa.core.text import count

_PACKAGE = Path(__file__).parents[1]


class EnvironmentCheck(NamedTuple):
    """One thing that was checked; ``fix`` is empty when nothing is wrong."""

    name: str
    found: str
    fix: str = ""


def examine() -> list[EnvironmentCheck]:
    """Check versions, threads, memory, disk and GPU."""
    return [
        EnvironmentCheck("PathFA", __version__),
        EnvironmentCheck("Python", f"{platform.python_version()} on {platform.platform(terse=True)}"),
        *_packages(),
        *_machine(),
    ]


def snakefile() -> Path:
    """Return the Snakefile of this installation.

    Raises
    ------
    pathfa.core.errors.PathFAError
        If the installation lacks it.
    """
    folders = (_PACKAGE / "_workflow", _PACKAGE.parent)  # in the wheel; in a checkout
    places = [folder / "Snakefile" for folder in folders]
    for path in places:
        if path.is_file():
            return path
    looked = " and ".join(map(str, places))
    msg = f"the workflow is not part of this installation (looked for {looked}). Fix: reinstall PathFA"
    raise PathFAError(msg)


def put_on_path() -> None:
    """Let the jobs of this process call the ``pathfa`` of this installation, without activating its environment.

    A conda environment or a container of a job puts its own in front of it.
    """
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])


def _packages() -> Iterator[EnvironmentCheck]:
    for text in metadata.requires("pathfa") or []:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield _package(requirement)
    try:
        yield EnvironmentCheck("snakemake", metadata.version("snakemake"))
    except metadata.PackageNotFoundError:
        yield EnvironmentCheck("snakemake", "not installed; 'pathfa run' needs none ('pathfa[workflow]' installs it)")


def _package(requirement: Requirement) -> EnvironmentCheck:
    name, fix = requirement.name, f"pip install '{requirement}'"
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return EnvironmentCheck(name, "missing", fix)
    if requirement.specifier.contains(version, prereleases=True):
        return EnvironmentCheck(name, version)
    return EnvironmentCheck(name, f"{version}, but {requirement.specifier} is needed", fix)


def _machine() -> Iterator[EnvironmentCheck]:
    import torch

    yield EnvironmentCheck("CPU cores", f"{cpu_count()}, torch uses {count(torch.get_num_threads(), 'thread')}")
    if hasattr(os, "sysconf"):
        yield EnvironmentCheck("memory", f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.0f} GB")
    free = shutil.disk_usage(tempfile.gettempdir()).free
    fix = "" if free > 100e6 else f"free some space in {tempfile.gettempdir()}, or set TMPDIR"
    yield EnvironmentCheck("temporary folder", f"{tempfile.gettempdir()}, {free / 1e9:.1f} GB free", fix)
    gpu = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "none; the CPU is used"
    yield EnvironmentCheck("GPU", gpu)
