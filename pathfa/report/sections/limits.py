"""What not to conclude."""

from __future__ import annotations

from pathfa.report.page import Section, Text
from pathfa.report.study import Study
from pathfa.report.texts import lines

_SIMULATED = "These data are simulated. Nothing here is about real patients or real biology."


def build(study: Study) -> Section:
    """Return the section."""
    return Section(
        anchor="limits",
        title="What not to conclude",
        lead="Before a result leaves this page, read these.",
        blocks=(Text(paragraphs=(*((_SIMULATED,) if study.simulated else ()), *lines("limits")), as_list=True),),
    )
