"""The report: one offline HTML file per fit, its tables beside it, and an index page over many."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pathfa.reporting.index import write_index_page
from pathfa.reporting.page.tables import files_of, status_path

if TYPE_CHECKING:
    import pandas as pd

    from pathfa.analysis import Checks

__all__ = ["files_of", "report", "status_path", "write_index_page"]


def report(
    model: object,
    path: str | Path,
    *,
    covariates: pd.DataFrame | None = None,
    title: str | None = None,
    technical: Sequence[str] = (),
    time: str = "",
    event: str = "",
    checks: Checks | str | Path | None = None,
    decoys: pd.DataFrame | None = None,
    stability: pd.DataFrame | None = None,
    anonymise: bool = False,
    command: str = "",
) -> Path:
    """Write the report of a fit: one HTML file that works without a network.

    The file is whole or absent; it and the folder beside it (``report_files`` for ``report.html``) replace
    earlier ones.
    The folder holds ``status.json``, ``findings.tsv`` and every table of the report.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    path
        HTML file to write; its folder is made.
    covariates
        Covariates indexed by sample; those of the fitted cohort when None. Columns that look like personal data are not
        shown.
    title
        Heading.
    technical
        Names of covariates that should not matter, such as the batch; columns called batch, plate, run, site and
        the like count as such too.
    time, event
        Names of the covariates with the follow-up time and with whether the event was seen (1) or not (0).
    checks
        What ``pathfa.run_checks`` returned for this model, or the file that holds it: held-out samples, the fit without
        gene sets, decoys, stability. They refit the model and take long; without them the report says so.
    decoys, stability
        What ``pathfa.decoys`` and ``pathfa.stability`` returned, in the place of those of ``checks``.
    anonymise
        Whether sample names are replaced by codes that differ from report to report.
    command
        The command that repeats the fit, for the section on provenance.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ConfigError
        If there is no covariate of the name of a technical one, the time or the event, or these hold no such values.
    AlignmentError
        If the covariates are of other samples, or have a sample twice.
    InputError
        If the checks are of another model.

    Examples
    --------
    >>> pf.report(model, "report.html", covariates=model.result_.obs, technical=["batch"])
    PosixPath('report.html')
    """
    # these load all that fits and draws, which an index page does without
    from pathfa.reporting.study.gather import Request, gather
    from pathfa.reporting.write import checks_of, write_study
    from pathfa.result.result import as_result

    result = as_result(model)
    request = Request(
        title=title or "PathFA report",
        covariates=covariates,
        technical=technical,
        time=time,
        event=event,
        checks=checks_of(result, checks, {"decoys": decoys, "stability": stability}),
        command=command,
        salt=secrets.token_hex(16) if anonymise else "",
    )
    write_study(gather(result, request), Path(path))
    return Path(path)
