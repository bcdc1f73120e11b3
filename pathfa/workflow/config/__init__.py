"""The configuration of a workflow: read, checked with line numbers, typed."""

from pathfa.workflow.config.load import load_config, parse_config, parse_part
from pathfa.workflow.config.options import (
    CohortSource,
    Collection,
    Config,
    File,
    Gate,
    JobOf,
    OnInvalid,
    ReportOptions,
    Resources,
    Roles,
    ViewSource,
)

__all__ = [
    "CohortSource",
    "Collection",
    "Config",
    "File",
    "Gate",
    "JobOf",
    "OnInvalid",
    "ReportOptions",
    "Resources",
    "Roles",
    "ViewSource",
    "load_config",
    "parse_config",
    "parse_part",
]
