"""Options that several commands share, and what they become."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial, wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
import yaml

from pathfa.cli.command import HelpPanel
from pathfa.core.errors import ConfigError
from pathfa.core.text import collection_name, plain_name
from pathfa.workflow.config import CohortSource, Collection, File, Roles, parse_part
from pathfa.workflow.config.options import make

_Made = TypeVar("_Made")
GENE_SETS = (
    "Gene sets: a file (GMT, JSON, GMX, GRP, or a table with a member per row), or a collection by name, such as "
    "msigdb:h.all or enrichr:WikiPathways_2024_Human."
)
Views = Annotated[
    list[str] | None,
    typer.Option(
        "--view",
        metavar="NAME=FILE",
        help="A view: its name and its file (table as programs write it, tsv or csv, also gzipped; h5ad; MTX folder; a "
        "folder or pattern of tables). "
        "Once per view. Instead of the file also {path: FILE, kind: counts, format: maxquant, ...}.",
        show_default=False,
        rich_help_panel=HelpPanel.DATA,
    ),
]
MuDataFile = Annotated[
    str | None,
    typer.Option(
        "--mudata",
        metavar="FILE",
        help="A whole cohort in one .h5mu file.",
        show_default=False,
        rich_help_panel=HelpPanel.DATA,
    ),
]
Samples = Annotated[
    str | None,
    typer.Option(
        "--samples",
        metavar="FILE",
        help="Sample sheet: covariates, and names of the samples in each view.",
        show_default=False,
        rich_help_panel=HelpPanel.DATA,
    ),
]
GeneSetFile = Annotated[
    str, typer.Option("--gene-sets", metavar="FILE", help=GENE_SETS, show_default=False, rich_help_panel=HelpPanel.DATA)
]
MinSize = Annotated[
    int, typer.Option(min=1, help="Smallest gene set, counted in measured members.", rich_help_panel=HelpPanel.DATA)
]
MaxSize = Annotated[
    int, typer.Option(min=1, help="Largest gene set, counted in measured members.", rich_help_panel=HelpPanel.DATA)
]
Out = Annotated[
    Path,
    typer.Option("--out", metavar="FILE", help="File to write.", show_default=False, rich_help_panel=HelpPanel.OUTPUT),
]
OutFolder = Annotated[
    Path,
    typer.Option(
        "--out", metavar="FOLDER", help="Folder to write.", show_default=False, rich_help_panel=HelpPanel.OUTPUT
    ),
]
Seed = Annotated[
    int, typer.Option(min=0, help="The same seed gives the same numbers.", rich_help_panel=HelpPanel.SEARCH)
]
Jobs = Annotated[
    int | None, typer.Option(min=1, help="Fits side by side; all cores by default.", rich_help_panel=HelpPanel.SEARCH)
]
IsSimulated = Annotated[bool, typer.Option("--simulated", hidden=True)]
Covariates = Annotated[
    str | None,
    typer.Option(
        "--covariates",
        metavar="FILE",
        help="Covariates of the samples: a table with samples in rows or in columns.",
        show_default=False,
        rich_help_panel=HelpPanel.DATA,
    ),
]
Biological = Annotated[
    list[str] | None, typer.Option(help="A covariate of interest; may be given again.", rich_help_panel=HelpPanel.DATA)
]
Technical = Annotated[
    list[str] | None,
    typer.Option(
        help="A covariate that should not matter, such as the batch; may be given again.",
        rich_help_panel=HelpPanel.DATA,
    ),
]
Time = Annotated[
    str, typer.Option(help="Column of the covariates with the follow-up time.", rich_help_panel=HelpPanel.DATA)
]
Event = Annotated[
    str,
    typer.Option(help="Column of the covariates that says whether the event was seen.", rich_help_panel=HelpPanel.DATA),
]


def made_of_options(**makers: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Replace parameters of a command by the options of the functions that make them, which are called before it.

    Parameters
    ----------
    **makers
        By the name of the parameter, a function whose parameters are options of the command line.
    """
    options = {name: list(signature(maker, eval_str=True).parameters) for name, maker in makers.items()}

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def command(**given: Any) -> Any:
            made = {name: makers[name](**{option: given.pop(option) for option in options[name]}) for name in makers}
            return function(**given, **made)

        parameters: list[Parameter] = []
        for item in signature(function, eval_str=True).parameters.values():
            maker = makers.get(item.name)
            parameters += [item] if maker is None else signature(maker, eval_str=True).parameters.values()
        by_keyword = [item.replace(kind=Parameter.KEYWORD_ONLY) for item in parameters]
        command.__dict__["__signature__"] = Signature(by_keyword)
        return command

    return decorate


def later(maker: Callable[..., _Made]) -> Callable[..., partial[_Made]]:
    """Return a maker, for ``made_of_options``, of a call that is made only where its result is wanted.

    Parameters
    ----------
    maker
        A function whose parameters are options of the command line.
    """

    @wraps(maker)
    def call(**options: Any) -> partial[_Made]:
        return partial(maker, **options)

    return call


def cohort_source(view: Views = None, mudata: MuDataFile = None, samples: Samples = None) -> CohortSource:
    """Return where a cohort comes from.

    Raises
    ------
    pathfa.core.errors.ConfigError
        If the options do not name exactly one source, or a view is not of the form ``NAME=FILE``.
    """
    values: dict[str, Any] = {}
    if view:
        values["views"] = dict(_named(each) for each in view)
        if len(values["views"]) < len(view):
            msg = "--view: a name occurs twice; expected every view once. Fix: give the views different names"
            raise ConfigError(msg)
    if mudata is not None:
        values["mudata"] = _value(mudata)
    if samples is not None:
        values["samples"] = _value(samples)
    if not values.keys() & {"views", "mudata"}:
        msg = (
            "the input is not clear: expected either --view NAME=FILE, once per view, or --mudata FILE. "
            "Example: --view rna=rna.tsv --view protein=protein.tsv"
        )
        raise ConfigError(msg)
    parse_part("cohort", values)
    source = make(CohortSource, values)
    pathless = [name for name, each in source.views.items() if not each.path]
    if source.mudata is None and pathless:
        raise ConfigError(f"view '{pathless[0]}' has no path. Fix: add 'path', or name the whole cohort with --mudata")
    if source.mudata is not None and len(pathless) < len(source.views):
        msg = "--mudata FILE contains the views already; --view NAME={...} then says how one is read, without a path"
        raise ConfigError(msg)
    return source


def collection_of(given: str | Mapping[str, Any], min_size: int = 5, max_size: int = 500) -> Collection:
    """Return a gene-set collection of a path, or of a mapping as in the configuration."""
    value = _value(given) if isinstance(given, str) else given
    more = {"path": value} if isinstance(value, str) else value
    values = {"min_size": min_size, "max_size": max_size, **more}
    parse_part("collection", values)
    if min_size > max_size:
        raise ConfigError(f"--min-size {min_size} is more than --max-size {max_size}. Fix: exchange or change them")
    return make(Collection, values)


def named_collections(texts: Sequence[str], min_size: int, max_size: int) -> dict[str, Collection]:
    """Return collections by name; one without a name is called after its file.

    Raises
    ------
    pathfa.core.errors.ConfigError
        If two of them have the same name.
    """
    pairs = [_named(text) if _NAMED.match(text) else (collection_name(text), text) for text in texts]
    names = [name for name, _ in pairs]
    if repeated := [name for name in names if names.count(name) > 1]:
        msg = f"--gene-sets: two collections are called '{repeated[0]}'. Fix: name them, --gene-sets NAME=FILE"
        raise ConfigError(msg)
    return {name: collection_of(value, min_size, max_size) for name, value in pairs}


def covariate_inputs(
    covariates: Covariates = None,
    biological: Biological = None,
    technical: Technical = None,
    time: Time = "",
    event: Event = "",
) -> tuple[File | None, Roles]:
    """Return the file of the covariates, if there is one, and what its columns are.

    Raises
    ------
    pathfa.core.errors.ConfigError
        If there is a time without an event, or the reverse.
    """
    value = None if covariates is None else _value(covariates)
    if value is not None:
        parse_part("cohort", {"mudata": "-", "covariates": value})
    given = {"biological": biological, "technical": technical, "time": time, "event": event}
    roles = {name: each for name, each in given.items() if each}
    parse_part("roles", roles)
    return None if value is None else make(File, value), make(Roles, roles)


def titles_of(texts: Sequence[str]) -> dict[str, str]:
    """Return titles of cohorts by the names of these.

    Raises
    ------
    pathfa.core.errors.ConfigError
        If a text gives no cohort a title.
    """
    titles = {}
    for text in texts:
        name, _, title = text.partition("=")
        if not name or not title:
            raise ConfigError(f"'{text}' gives no cohort a title; expected COHORT=TITLE. Example: brca='Breast cancer'")
        titles[name] = title
    return titles


_NAMED = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*=")


def _named(text: str) -> tuple[str, str | Mapping[str, Any]]:
    name, separator, value = text.partition("=")
    if not separator or not _NAMED.match(text) or not value:
        file = value or (text if Path(text).suffix else f"{text}.tsv")
        example = f"{plain_name(Path(file).name.split('.')[0], 'rna')}={file}"
        raise ConfigError(f"'{text}' does not name a view; expected NAME=FILE. Example: --view {example}")
    return name, _value(value)


def _value(text: str) -> str | dict[str, Any]:
    if not text.startswith("{"):
        return text
    try:
        value: dict[str, Any] = yaml.safe_load(text)
    except yaml.YAMLError as error:
        msg = f"'{text}' cannot be read; expected a path, or a mapping such as '{{path: x.tsv, kind: counts}}'"
        raise ConfigError(msg) from error
    return value
