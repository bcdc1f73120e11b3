"""Small pictures of every figure, to be compared with those that were looked at: ``make pictures`` renews them.

A sheet holds the figures of one case from one backend: a row per figure, a column per width, each a small grey square.
Fonts and versions move lines by a part of such a pixel; what is cut, empty or somewhere else changes many of them.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from every_figure import CASES, WIDTHS, figures_of
from PIL import Image, PngImagePlugin

from pathfa.pl.figure import Figure

FOLDER = Path(__file__).parent / "pl/pictures"
PIXELS = (500, 700, 1000)
"""Widths on a screen; a figure that needs more has more."""
PAPER, SCREEN = 0.015, 0.03
"""Mean difference of two pictures, of 1 from white to black, from which they are not the same. On paper, another font
(DejaVu Serif) makes 0.012 at most, and names or legends in another place 0.02; a browser takes what fonts there are."""
_SIDE, _LEVELS = 64, 16  # px of a small picture, and its shades of grey
_BLUR = 32  # px to which pictures are blurred before they are compared
_DPI = 60

Sheet = dict[str, list[np.ndarray]]
"""Per figure its pictures, one per width."""


def small(picture: Image.Image) -> np.ndarray:
    """Return a picture as a small grey square with few shades, 0 to 255."""
    grey = picture.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    step = 255 // (_LEVELS - 1)
    return (np.round(np.asarray(grey) / step) * step).astype(np.uint8)


def on_paper(figure: Figure, widths: Sequence[float] = WIDTHS) -> list[np.ndarray]:
    """Return the pictures that matplotlib draws."""
    found = []
    for width in widths:
        drawn, file = figure.matplotlib(width), BytesIO()
        drawn.savefig(file, dpi=_DPI)
        plt.close(drawn)
        found.append(small(Image.open(file)))
    return found


@contextmanager
def on_screen(browser) -> Iterator[Callable[[Figure], list[np.ndarray]]]:
    """Yield a function that returns the pictures that plotly draws in a browser."""
    from plotly.offline import get_plotlyjs

    page = browser.new_context(offline=True, viewport={"width": 1400, "height": 900}).new_page()
    page.set_content("<body style='margin:0;background:white'><div id='figure'></div></body>")
    page.add_script_tag(content=get_plotlyjs())

    def draw(figure: Figure) -> list[np.ndarray]:
        found, drawing = [], json.loads(figure.plotly().to_json())
        for pixels in PIXELS:
            drawing["layout"]["width"] = max(pixels, figure.least_width)
            page.evaluate("(it) => Plotly.newPlot('figure', it.data, it.layout, { displayModeBar: false })", drawing)
            found.append(small(Image.open(BytesIO(page.locator("#figure .svg-container").screenshot()))))
        return found

    yield draw
    page.context.close()


def sheet(case: str, draw: Callable[[Figure], list[np.ndarray]]) -> Sheet:
    """Return the pictures of every figure of a case."""
    return {name: draw(make()) for name, make in figures_of(CASES[case].result())}


def write(path: Path, pictures: Sheet) -> None:
    """Write a sheet as a PNG file that has the names of its rows in it."""
    whole = np.vstack([np.hstack(row) for row in pictures.values()])
    names = PngImagePlugin.PngInfo()
    names.add_text("rows", json.dumps(list(pictures)))
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(whole).quantize(_LEVELS).save(path, optimize=True, pnginfo=names)


def read(path: Path) -> Sheet:
    """Return a sheet from its file."""
    with Image.open(path) as file:
        names, whole = json.loads(file.text["rows"]), np.asarray(file.convert("L"))
    rows = [whole[place * _SIDE : (place + 1) * _SIDE] for place in range(len(names))]
    return {name: np.split(row, row.shape[1] // _SIDE, axis=1) for name, row in zip(names, rows, strict=True)}


def difference(first: np.ndarray, second: np.ndarray) -> float:
    """Return the mean difference of two small pictures, 0 to 1, but for what a part of a pixel makes."""
    blurred = (Image.fromarray(each).resize((_BLUR, _BLUR), Image.Resampling.BOX) for each in (first, second))
    a, b = (np.asarray(each, dtype=float) / 255.0 for each in blurred)
    return float(np.abs(a - b).mean())


def changed(stored: Sheet, drawn: Sheet, tolerance: float) -> dict[str, str]:
    """Return the figures that are not as they were, and why."""
    found = dict.fromkeys(stored.keys() - drawn.keys(), "not drawn any more")
    for name, pictures in drawn.items():
        if name not in stored:
            found[name] = "no stored picture"
            continue
        apart = max(difference(*pair) for pair in zip(stored[name], pictures, strict=True))
        if apart > tolerance:
            found[name] = (
                f"differs by {apart:.3f}, more than {tolerance}; draw it, look, and 'make pictures' if it is right"
            )
    return found


def main() -> None:
    """Draw and write all sheets; look at them before they are committed."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        for case in CASES:
            write(FOLDER / f"{case}-paper.png", sheet(case, on_paper))
            with on_screen(browser) as draw:
                write(FOLDER / f"{case}-screen.png", sheet(case, draw))
        browser.close()


if __name__ == "__main__":
    main()
