"""What not to conclude."""

from __future__ import annotations

from pathfa.reporting.page.page import Section, Text
from pathfa.reporting.prose.paragraphs import lines
from pathfa.reporting.study.study import Study

_SIMULATED = "These data are simulated. Nothing here is about real patients or real biology."


def build(study: Study) -> Section:
    """Return the section."""
    return Section(
        anchor="limits",
        title="What not to conclude",
        lead="Before a result leaves this page, read these.",
        blocks=(Text(paragraphs=(*((_SIMULATED,) if study.simulated else ()), *lines("limits")), as_list=True),),
    )
