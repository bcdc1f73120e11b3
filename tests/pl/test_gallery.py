"""The gallery of the documents shows every public figure."""

import inspect
import re
from pathlib import Path

from pathfa import pl

GALLERY = Path(__file__).parents[2] / "docs/user/gallery.md"
WITHOUT = {"identifiers"}  # the demo cohort has no names to translate


def test_every_figure_is_in_the_gallery_with_its_picture():
    page = GALLERY.read_text(encoding="utf-8")
    names = {name for name in pl.__all__ if inspect.isfunction(getattr(pl, name))}
    assert set(re.findall(r"`pf\.pl\.(\w+)\(", page)) == names - WITHOUT, "make gallery"
    pictures = re.findall(r"\]\((\S+/gallery/\w+\.png)\)", page)
    assert len(pictures) == len(names - WITHOUT)
    assert all((GALLERY.parent / picture).is_file() for picture in pictures)
