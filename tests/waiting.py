"""Waiting for a page in a browser whose policy forbids what playwright's own waiting does."""

from __future__ import annotations

import time

DRAWN = "[...document.querySelectorAll('.canvas')].every((canvas) => canvas.querySelector('.main-svg'))"


def until(page, expression: str, arg: object = None, seconds: float = 30.0) -> None:
    """Wait until an expression, or a function of ``arg``, is true in the page."""
    end = time.monotonic() + seconds
    while not page.evaluate(expression, arg):
        if time.monotonic() > end:
            raise TimeoutError(f"still not true after {seconds} s: {expression}")
        page.wait_for_timeout(50)


def see_all(page):
    """Scroll through the page so that every figure is drawn."""
    page.evaluate("""async () => {
        for (const one of document.querySelectorAll('.canvas, .widget')) {
            one.scrollIntoView();
            await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
        }
    }""")
    until(page, DRAWN)


def see(page, widget, what="*"):
    """Scroll to a widget and wait until it has something."""
    page.locator(f"#widget-{widget}").scroll_into_view_if_needed()
    page.wait_for_selector(f"[data-widget={widget}] {what}")


def find(page, words):
    """Select what the box on top finds."""
    page.fill("#find", words)
    page.press("#find", "Enter")


def chosen(page, entity):
    """Return what is selected of a kind; empty where nothing is."""
    return page.evaluate(
        f"(document.querySelector('[data-selected={entity}]') || {{ dataset: {{ id: '' }} }}).dataset.id"
    )
