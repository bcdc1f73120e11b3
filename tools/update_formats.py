"""``python tools/update_formats.py docs/reference/formats.md`` writes what is recognised and left out into the page."""

import sys
from pathlib import Path

from pathfa.core.files import write_text
from pathfa.data.io.cells import MISSING, NOT_MEASURED, PLACEHOLDERS
from pathfa.data.io.presets import Preset, annotation_columns, not_features, presets, sample_columns

MARK = "<!-- made by tools/update_formats.py -->"


def _code(names) -> str:
    return ", ".join(f"`{name}`".replace("|", "\\|") for name in names)


def _row(preset: Preset) -> str:
    recognised = _code(preset.header) or (_code([preset.comment]) if preset.comment else _code([preset.first]))
    recognised += f", and a column like {_code([preset.column])}" if preset.column else ""
    recognised += f", in a file whose name matches `{preset.file}`" if preset.file else ""
    samples = (
        _code([preset.long_samples]) if preset.long_samples else _code(preset.sample_pattern) or "all other columns"
    )
    samples = "" if preset.instead else samples
    values = f", values in `{preset.long_values}`" if preset.long_values else ""
    rows = _code(f"{column}: {pattern}" for column, pattern in preset.drop_rows.items())
    dropped = "; ".join(part for part in (_code(preset.drop_columns), rows and f"rows with {rows}") if part)
    options = {name: "true" if value is True else value for name, value in preset.options.items()}
    sets = _code(f"{name}: {value}" for name, value in options.items())
    cells = [f"`{preset.format}`", preset.source, recognised, _code(preset.feature_column), samples + values]
    asks = f"refused: give {preset.instead}" if preset.instead else preset.asks
    cells += [dropped, sets, asks.replace("|", "\\|")]
    return "| " + " | ".join(cell or "" for cell in cells) + " |"


def made() -> str:
    """Return the part of the document that follows from the program."""
    head = "| format | source | recognised by the columns | features | samples | left out | sets | asked |"
    lines = [MARK, "", head, "|---|---|---|---|---|---|---|---|", *map(_row, presets())]
    lines += ["", "Columns that describe features in any table, whatever case, blanks, dots and underscores:", ""]
    lines += [
        _code(annotation_columns()) + ".",
        "",
        "Columns that describe samples, which are asked about where samples are in rows:",
        "",
        _code(sample_columns()) + ".",
        "",
        "Rows that are no features, in any table, by regular expressions:",
        "",
    ]
    lines += [_code(not_features()) + ".", "", "Words that mean that there is no value:", ""]
    lines += [_code(word for word in (*MISSING, *PLACEHOLDERS) if word) + ".", ""]
    lines += ["and among numbers, not in a sheet, also:", "", _code(NOT_MEASURED) + ".", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    path = Path(sys.argv[1])
    before, _, _ = path.read_text(encoding="utf-8").partition(MARK)
    write_text(path, before + made())
