"""Pages of the documents that follow from the program; ``docs/conf.py`` writes them before Sphinx reads its sources.

python tools/reference.py FOLDER
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import reference_commands
import reference_findings
import reference_limits
import reference_results
import reference_schemas
import reference_stages

from pathfa.core.files import write_text

PAGES: Mapping[str, Callable[[], str]] = {
    "commands.md": reference_commands.made,
    "configuration.md": reference_schemas.configuration,
    "files.md": reference_schemas.files,
    "findings.md": reference_findings.made,
    "limits.md": reference_limits.made,
    "results.md": reference_results.made,
    "stages.md": reference_stages.made,
}
"""Per file what makes it."""


def write(folder: Path) -> None:
    """Write every page that has changed."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in PAGES.items():
        path, text = folder / name, make()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_text(path, text)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
