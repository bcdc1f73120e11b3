"""Take the picture of the README: ``python docs/images/picture.py report.html docs/images/report.png``."""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

PARTS = ("", "#samples")
SIZE = {"width": 1200, "height": 980}


def picture(report: Path, out: Path) -> None:
    """Write the top of a report beside two of its figures, as one picture with few colours."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_context(offline=True, viewport=SIZE).new_page()
        page.goto(f"file://{report.resolve()}")
        page.wait_for_selector("html[data-ready]")
        shots = []
        for part in PARTS:
            if part:
                page.evaluate(f"document.querySelector('{part}').scrollIntoView()")
                page.wait_for_timeout(1500)
            shots.append(Image.open(io.BytesIO(page.screenshot())))
        browser.close()
    whole = Image.new("RGB", (SIZE["width"] * len(shots) + 20 * (len(shots) - 1), SIZE["height"]), "#8a929c")
    for place, shot in enumerate(shots):
        whole.paste(shot, (place * (SIZE["width"] + 20), 0))
    small = whole.resize((whole.width * 3 // 4, whole.height * 3 // 4), Image.Resampling.LANCZOS)
    small.quantize(128).save(out, optimize=True)


if __name__ == "__main__":
    picture(Path(sys.argv[1]), Path(sys.argv[2]))
