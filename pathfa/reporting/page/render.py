"""Sections to one HTML file: templates, scripts, data, and a policy that lets nothing else in."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pathfa.result.judgement import Level

ICONS = {str(Level.PASS): "✔", str(Level.CAUTION): "▲", str(Level.STOP): "✖"}
LEVEL_NAMES = {str(level): level.name.lower() for level in Level}
_STYLES = ("page", "figures", "widgets", "print")


def unbroken(text: str) -> str:
    """Return a text whose numbers stay on the line of their sign.

    >>> unbroken("r = 0.9, 5 % of it") == "r\u00a0=\u00a00.9, 5\u00a0% of it"
    True
    """
    return text.replace(" = ", "\u00a0=\u00a0").replace(" %", "\u00a0%")


_ENVIRONMENT = Environment(
    loader=PackageLoader("pathfa.reporting.page", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters["unbroken"] = unbroken


def render(
    template: str, context: Mapping[str, Any], *, scripts: Sequence[str], plotly: bool, data: Mapping[str, Any]
) -> str:
    """Return a page.

    Parameters
    ----------
    template
        Name of its template.
    context
        Values of the template; every text is escaped.
    scripts
        Names of the scripts of the page, in order; they become one.
    plotly
        Whether the page draws figures.
    data
        JSON for the scripts, by name.
    """
    own = "(() => {\n'use strict';\n" + "\n".join(_source(f"js/{name}.js") for name in scripts) + "\n})();"
    library = ""
    if plotly:
        from plotly.offline import get_plotlyjs  # a page without figures does not load plotly

        library = get_plotlyjs()
    return _ENVIRONMENT.get_template(template).render(
        **context,
        policy=policy([library, own] if library else [own]),
        styles=Markup("\n".join(_source(f"css/{name}.css") for name in _STYLES)),  # noqa: S704 - files of the package
        script=Markup(own),  # noqa: S704 - files of the package
        library=Markup(_gzipped(library)),  # noqa: S704 - base64
        data={name: Markup(as_json(value)) for name, value in data.items()},  # noqa: S704 - escaped by as_json
    )


def policy(scripts: Sequence[str]) -> str:
    """Return a Content-Security-Policy that runs these scripts alone and lets no request out."""
    hashes = " ".join(f"'sha256-{_digest(item)}'" for item in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; "
        "connect-src 'none'; base-uri 'none'; form-action 'none'; object-src 'none'"
    )


def _gzipped(script: str) -> str:
    """Return a script in a third of its bytes, as base64; the page unpacks it."""
    return base64.b64encode(gzip.compress(script.encode(), mtime=0)).decode() if script else ""


def as_json(value: Any) -> str:
    """Return JSON that cannot end the script element that it stands in."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def _source(name: str) -> str:
    loader = _ENVIRONMENT.loader
    if loader is None:
        raise LookupError(name)
    return loader.get_source(_ENVIRONMENT, name)[0]


def _digest(script: str) -> str:
    # the HTML parser reads every line end as \n before the hash is taken
    normal = script.replace("\r\n", "\n").replace("\r", "\n")
    return base64.b64encode(hashlib.sha256(normal.encode()).digest()).decode()
