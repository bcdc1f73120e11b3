"""Configurations to start from: a commented template, and that of the demo cohort."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pathfa.core.errors import ConfigError
from pathfa.core.files import write_text

_TEMPLATE = Path(__file__).with_name("template.yaml")


def write_template(path: Path, *, force: bool, files: Sequence[Path] = ()) -> None:
    """Write a commented configuration.

    Parameters
    ----------
    path
        The file.
    force
        Whether an existing file is replaced.
    files
        Files of a cohort, from which its options are guessed.

    Raises
    ------
    pathfa.core.errors.ConfigError
        If there is a file of that name and ``force`` is not set, or no file holds values.
    pathfa.core.errors.MissingInputError
        If one of the files does not exist.
    """
    if path.exists() and not force:
        msg = f"{path} exists already and was left as it is. Fix: choose another name, or --force to replace it"
        raise ConfigError(msg)
    if not files:
        write_text(path, _TEMPLATE.read_text(encoding="utf-8").replace("config.yaml", path.name))
        return
    from pathfa.workflow.guess import guess_config

    write_text(path, guess_config(files))


def demo_config(output: str, seed: int) -> dict[str, Any]:
    """Return the configuration of the demo cohort, drawn with a seed, with its results in a folder."""
    return {
        "title": "PathFA demo",
        "output": output,
        "cohorts": {"demo": {"title": "Simulated demo cohort", "demo": seed}},
        "gene_sets": {"programmes": {"demo": True}},
        "runs": {"main": {"seed": seed}},
        "covariates": {"technical": ["batch"], "time": "survival_time", "event": "survival_event"},
    }
