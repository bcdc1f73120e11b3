"""The gallery of the documents shows every public figure, and a page says how to read each."""

import inspect
import re
from pathlib import Path

from pathfa import pl

GALLERY = Path(__file__).parents[2] / "docs/user/gallery.md"
WITHOUT = {"identifiers"}  # the demo cohort has no names to translate


FIGURES = {name for name in pl.__all__ if inspect.isfunction(getattr(pl, name))}


def test_it_is_said_how_to_read_every_figure():
    table = (GALLERY.parent / "figures.md").read_text(encoding="utf-8").split("| figure | look for |")[1]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == FIGURES


def test_every_figure_is_in_the_gallery_with_its_picture():
    page = GALLERY.read_text(encoding="utf-8")
    assert set(re.findall(r"`pf\.pl\.(\w+)\(", page)) == FIGURES - WITHOUT, "make gallery"
    pictures = re.findall(r"\]\((\S+/gallery/\w+\.png)\)", page)
    assert len(pictures) == len(FIGURES - WITHOUT)
    assert all((GALLERY.parent / picture).is_file() for picture in pictures)
