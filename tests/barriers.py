"""What keeps readers from using a page, as axe finds it."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe


def violations(page, **options):
    """Return serious and critical violations; what plotly draws inside a figure has its table beside it."""
    found = Axe().run(page, context={"exclude": [[".svg-container"]]}, options=options).response["violations"]
    return [
        (item["id"], item["help"], item["nodes"][0]["html"][:200], item["nodes"][0].get("failureSummary", "")[:300])
        for item in found
        if item["impact"] in ("serious", "critical")
    ]
