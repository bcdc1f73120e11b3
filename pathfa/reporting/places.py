"""Where the files of a report are."""

from __future__ import annotations

from pathlib import Path


def files_of(report: str | Path) -> Path:
    """Return the folder beside a report that holds its tables: ``report_files`` for ``report.html``."""
    path = Path(report)
    return path.with_name(f"{path.stem}_files")


def status_path(report: str | Path) -> Path:
    """Return the status file of a report."""
    return files_of(report) / "status.json"
