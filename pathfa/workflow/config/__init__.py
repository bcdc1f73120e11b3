"""The configuration of a workflow: read, checked with line numbers, typed."""

from pathfa.workflow.config.load import load_config, parse_config, parse_part
from pathfa.workflow.config.options import (
    CohortSource,
    Collection,
    Config,
    File,
    FitOptions,
    Gate,
    OnInvalid,
    ReportOptions,
    Resources,
    Roles,
    View,
)

__all__ = [
    "CohortSource",
    "Collection",
    "Config",
    "File",
    "FitOptions",
    "Gate",
    "OnInvalid",
    "ReportOptions",
    "Resources",
    "Roles",
    "View",
    "load_config",
    "parse_config",
    "parse_part",
]
