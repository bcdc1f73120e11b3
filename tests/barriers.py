"""What keeps readers from using a page, as axe finds it."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe


def violations(page, *parts, **options):
    """Return serious and critical violations in the page or in some parts of it, by their selectors.

    What plotly draws inside a figure has its table beside it.
    """
    context = {"exclude": [[".svg-container"]]} | ({"include": [[part] for part in parts]} if parts else {})
    found = Axe().run(page, context=context, options=options).response["violations"]
    return [
        (item["id"], item["help"], item["nodes"][0]["html"][:200], item["nodes"][0].get("failureSummary", "")[:300])
        for item in found
        if item["impact"] in ("serious", "critical")
    ]
