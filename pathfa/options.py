"""The options of a fit: every one stands here once, with its default, what it may be and what it means.

The command line, the check of a configuration and its published schema are made from these fields.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import Field, asdict, dataclass, field, fields
from enum import StrEnum
from numbers import Integral, Real
from typing import Any

from pathfa.core.choices import bad_option, choose
from pathfa.core.errors import ConfigError
from pathfa.core.findings import Finding, error


class LoadingPrior(StrEnum):
    """How closely the feature loadings follow the gene sets."""

    AUTO = "auto"  # fit both and keep the one with the higher evidence
    STRICT = "strict"  # loadings are the mask times the gene-set weights
    SOFT = "soft"  # loadings scatter around them with a precision learned per view and factor


class Sign(StrEnum):
    """Which signs the gene-set weights may have."""

    NONNEGATIVE = "nonnegative"
    ANY = "any"


class Curvature(StrEnum):
    """Structure of the Hessian of the gene-set weights; each gives a lower bound of the evidence of the one before."""

    AUTO = "auto"
    FULL = "full"
    FACTOR = "factor"
    DIAGONAL = "diagonal"


class Noise(StrEnum):
    """How the noise variances of the features of a view relate."""

    MODERATED = "moderated"  # one per feature, shrunk to a prior fitted on the view
    FEATURE = "feature"  # one per feature, each on its own
    VIEW = "view"  # one for the whole view


class ViewScale(StrEnum):
    """How much the gene-set weights count in each view."""

    AUTO = "auto"  # per view and factor under the soft prior, per view under the strict one
    VIEW = "view"  # one scale per view
    FACTOR = "factor"  # one scale per view and factor, so that a factor can be silent in a view
    FIXED = "fixed"  # 1 in every view


class SampleQuality(StrEnum):
    """Whether the noise of some samples may be larger than that of others."""

    AUTO = "auto"  # per view and sample, where the evidence of the view rises by it
    EQUAL = "equal"  # all samples alike


class OutlyingValues(StrEnum):
    """Whether single values may be taken for missing because nothing explains them."""

    AUTO = "auto"  # per view, where they are rare and the evidence rises by it
    KEPT = "kept"  # all values count


class SetMembers(StrEnum):
    """Whether members of gene sets may be found not to take part."""

    AUTO = "auto"  # with a probability for each, where the evidence rises by it
    GIVEN = "given"  # all do


class Scale(StrEnum):
    """What is done to each feature, with statistics of the training cohort."""

    ZSCORE = "zscore"  # mean 0, standard deviation 1
    CENTER = "center"  # mean 0
    NONE = "none"


class Features(StrEnum):
    """Which features of a view are fitted."""

    ALL = "all"
    ANNOTATED = "annotated"  # those in a gene set


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """What an option may be: as JSON schema, and one of some choices or what passes a test and is said in words."""

    schema: Mapping[str, Any] = field(default_factory=dict)
    choices: type[StrEnum] | None = None
    test: Callable[[Any], bool] = lambda _: True
    expected: str = ""

    def checked(self, place: str, value: Any) -> Any:
        """Return the value in its own type; raise ConfigError where it is not allowed."""
        if self.choices is not None:
            return choose(self.choices, value, place)
        if not self.test(value):
            raise ConfigError(findings=[bad_option(place, value, self.expected)])
        if _is_integer(value, least=0):
            return int(value)
        return tuple(value) if self.schema.get("type") == "array" else value


def _is_integer(value: Any, least: int = 1) -> bool:
    return not isinstance(value, bool) and isinstance(value, Integral) and int(value) >= least


_FLAG = Allowed(test=lambda value: isinstance(value, bool), expected="True or False", schema={"type": "boolean"})
_COUNT = Allowed(test=_is_integer, expected="an integer of at least 1", schema={"type": "integer", "minimum": 1})
_COUNT_OR_NONE = Allowed(
    test=lambda value: value is None or _is_integer(value),
    expected="None or an integer of at least 1",
    schema={"type": ["integer", "null"], "minimum": 1},
)
_SEED = Allowed(
    test=lambda value: _is_integer(value, least=0),
    expected="an integer of at least 0",
    schema={"type": "integer", "minimum": 0},
)
_POSITIVE = Allowed(
    test=lambda value: isinstance(value, Real) and float(value) > 0,
    expected="a positive number",
    schema={"type": "number", "exclusiveMinimum": 0},
)
_N_FACTORS = Allowed(
    test=lambda value: _is_integer(value, least=0) or (isinstance(value, str) and value == "auto"),
    expected="'auto' or an integer of at least 0",
    schema={"type": ["integer", "string"], "minimum": 0, "pattern": "^auto$"}
    | {"errorMessage": "a number of factors from 0, or auto"},
)
_VIEWS = Allowed(
    test=lambda value: isinstance(value, Collection) and not isinstance(value, str),
    expected="a list of names of views",
    schema={"type": "array", "uniqueItems": True, "items": {"type": "string", "minLength": 1}},
)
_BY_VIEW = Allowed(
    test=lambda value: value is None or isinstance(value, Mapping),
    expected="None or a mapping from names of views to ViewPreprocessor",
)
_DEVICE = Allowed(  # a configuration is checked before its jobs run, everything else by torch when the fit begins
    test=lambda value: isinstance(value, str),
    expected="'auto', 'cpu' or the name of a torch device",
    schema={"type": "string", "pattern": "^(auto|cpu|cuda(:[0-9]+)?)$"},
)


def _option(
    default: Any, description: str, allowed: Allowed | None = None, *, configured: bool = True, panel: str = "Model"
) -> Any:
    """Return the field of an option.

    ``allowed`` is the enumeration of the default when None. ``configured``: the runs of a configuration have it.
    ``panel``: where the help of the command line shows it.
    """
    if allowed is None:
        choices = type(default)
        allowed = Allowed(choices=choices, schema={"enum": [str(choice) for choice in choices]})
    metadata = {"allowed": allowed, "description": description, "configured": configured, "panel": panel}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """A PathFA model without its numbers; text is accepted for every enumeration and stored as its member.

    Raises
    ------
    ConfigError
        With every option that has a value it cannot have, or that excludes another.
    """

    n_factors: int | str = _option("auto", "Number of factors; 'auto' lets the evidence choose.", _N_FACTORS)
    loading_prior: LoadingPrior = _option(LoadingPrior.AUTO, "May genes outside a set load?")
    sign: Sign = _option(Sign.NONNEGATIVE, "Sign of the gene-set weights.")
    curvature: Curvature = _option(Curvature.AUTO, "Curvature kept for the evidence.")
    noise: Noise = _option(Noise.MODERATED, "How the noise of the features of a view relates.")
    noise_trend: bool = _option(False, "Noise follows the level of a feature.", _FLAG)
    sample_quality: SampleQuality = _option(SampleQuality.AUTO, "May samples be noisier than others?")
    outlying_values: OutlyingValues = _option(OutlyingValues.AUTO, "May single values that nothing explains not count?")
    set_members: SetMembers = _option(SetMembers.AUTO, "May members of a gene set not take part in it?")
    view_scale: ViewScale = _option(ViewScale.AUTO, "How much gene-set weights count in each view.")

    def __post_init__(self) -> None:
        findings: list[Finding] = []
        for item in fields(self):
            try:
                value = item.metadata["allowed"].checked(item.name, getattr(self, item.name))
                object.__setattr__(self, item.name, value)
            except ConfigError as reason:
                findings += reason.findings
        if self.noise_trend is True and self.noise != Noise.MODERATED:
            findings.append(
                error(
                    "conflicting-options",
                    f"noise_trend=True with noise={str(self.noise)!r}",
                    "a trend only where the variances share a prior",
                    "use noise='moderated' or noise_trend=False",
                    place="noise_trend",
                )
            )
        if findings:
            raise ConfigError(findings=findings)


@dataclass(frozen=True, kw_only=True)
class FitOptions(ModelSpec):
    """Every option of a fit, under the names of :class:`pathfa.PathFA`, which says more about each.

    Raises
    ------
    ConfigError
        With every option that has a value it cannot have, or that excludes another.
    """

    scale: Scale = _option(Scale.ZSCORE, "Scaling of each feature.", panel="Data")
    preprocess: Mapping[str, Any] | None = _option(None, "A ViewPreprocessor per view.", _BY_VIEW, configured=False)
    left_censored: Sequence[str] = _option(
        (), "A view whose values are missing because they were low.", _VIEWS, panel="Data"
    )
    features: Features = _option(Features.ALL, "Whether features outside every gene set count too.", panel="Data")
    min_set_size: int = _option(5, "Smallest gene set, counted in measured members.", _COUNT, configured=False)
    n_starts: int = _option(4, "Number of starts; the best evidence wins.", _COUNT, panel="Search")
    max_iter: int = _option(500, "Most iterations.", _COUNT, panel="Search")
    tol: float = _option(
        1e-6, "Change of the evidence, nats per value, at which a fit has converged.", _POSITIVE, panel="Search"
    )
    max_factors: int | None = _option(
        None,
        "Most factors that 'auto' tries; by default a quarter of the samples, 10 to 40, at most half.",
        _COUNT_OR_NONE,
        panel="Search",
    )
    keep_data: bool = _option(True, "The fitted values become part of the result.", _FLAG, configured=False)
    n_jobs: int | None = _option(
        None, "Threads, for starts and large data; all cores by default.", _COUNT_OR_NONE, configured=False
    )
    device: str = _option("auto", "auto, cpu or cuda.", _DEVICE, panel="Search")
    seed: int = _option(0, "The same seed gives the same numbers.", _SEED, panel="Search")
    progress: bool = _option(True, "Progress is shown.", _FLAG, configured=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the options as plain values, as a file holds them."""
        return asdict(self, dict_factory=_plain) | ({"preprocess": {}} if self.preprocess is None else {})


def _plain(items: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    values = {name: str(value) if isinstance(value, StrEnum) else value for name, value in items}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def configured() -> Iterator[Field[Any]]:
    """Yield the fields of the options that a run of a configuration, and the command line, may give."""
    return (item for item in fields(FitOptions) if item.metadata["configured"])


def run_schema() -> dict[str, Any]:
    """Return the JSON schema of the options of a run, as ``data_schemas/config.schema.json`` publishes it."""
    defaults = FitOptions().to_dict()
    properties = {
        item.name: {
            "description": item.metadata["description"],
            **item.metadata["allowed"].schema,
            "default": defaults[item.name],
        }
        for item in configured()
    }
    return {
        "description": "Options of the fit, as in pathfa.PathFA.",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }
