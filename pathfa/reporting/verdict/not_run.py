"""What the page says in the place of a check that was not run or could not be done."""

from __future__ import annotations

from pathfa.reporting.page.page import Text
from pathfa.reporting.study.study import Study

WHAT = {
    "heldout": "Whether the values of samples that were left out are reproduced was not looked at.",
    "uninformed": "The fit was not compared with one without gene sets.",
    "decoys": "Decoy gene sets were not run: random sets of the same sizes that compete with the real ones.",
    "stability": "The fit was not repeated on resamples of the cohort.",
}
NOUN = {
    "heldout": "left-out samples",
    "uninformed": "a fit without gene sets",
    "decoys": "random gene sets",
    "stability": "resamples",
}
"""What each check takes, in words that fit into a list."""


def missing(study: Study, check: str, title: str = "") -> tuple[Text, ...]:
    """Return a text on a check that is not there, nothing where it is."""
    if check in study.checks.tables:
        return ()
    why = study.checks.not_done.get(check)
    words = (
        f"{WHAT[check]} It was tried and could not be done: {why}."
        if why
        else f"{WHAT[check]} This needs further fits: \u201cpathfa check\u201d runs them."
    )
    return (Text(paragraphs=(words,), title=title),)
