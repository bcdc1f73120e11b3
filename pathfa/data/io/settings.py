"""How one view is read: the structure behind the ``views`` of a configuration."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pathfa.core.choices import bad_choice, choose
from pathfa.core.errors import ConfigError
from pathfa.core.findings import error
from pathfa.core.text import did_you_mean
from pathfa.data.io.presets import format_names


class SamplesIn(StrEnum):
    """Which side of a table the samples are on."""

    AUTO = "auto"  # recognised from the sample sheet, the gene sets and the other views; else features, as most exports
    ROWS = "rows"
    COLUMNS = "columns"


class ValueKind(StrEnum):
    """The scale of the values of a view."""

    AUTO = "auto"  # recognised from the values
    COUNTS = "counts"  # whole numbers of reads or molecules
    ESTIMATED_COUNTS = "estimated_counts"  # counts that need not be whole, as of RSEM, salmon or kallisto
    NORMALISED = "normalised"  # linear and normalised with real zeros: TPM, FPKM, normalised counts
    INTENSITY = "intensity"  # linear mass-spectrometry intensities, zero is not detected
    LOG = "log"  # logarithms of any of the above
    RATIO = "ratio"  # logarithms of ratios, as of TMT
    FRACTION = "fraction"  # between 0 and 1: beta values of methylation, shares of spliced transcripts
    BINARY = "binary"  # 0 and 1: mutations, calls
    ZSCORED = "zscored"  # each feature already has mean 0 and standard deviation 1


class IdType(StrEnum):
    """What the names of the features are."""

    AUTO = "auto"
    SYMBOL = "symbol"
    ENSEMBL = "ensembl"
    UNIPROT = "uniprot"
    ENTREZ = "entrez"
    REFSEQ = "refseq"
    OTHER = "other"  # names that no table of genes knows: antibodies, miRNAs, metabolites


class Duplicates(StrEnum):
    """What becomes of features of one name."""

    AUTO = "auto"  # counts are summed, anything else is an error
    ERROR = "error"
    SUM = "sum"
    MEAN = "mean"
    MEDIAN = "median"
    MOST_COMPLETE = "most_complete"  # the one with the fewest missing values, then with the largest variance
    FIRST = "first"
    DROP = "drop"


class SampleRule(StrEnum):
    """How sample names are rewritten so that views join."""

    NONE = "none"
    TCGA_PATIENT = "tcga_patient"  # TCGA-OR-A5J1-01A-11R-... becomes TCGA-OR-A5J1
    TCGA_SAMPLE = "tcga_sample"  # ... becomes TCGA-OR-A5J1-01
    DOTS = "dots_to_dashes"
    STRIP_X = "strip_x"  # the X that R puts before names that begin with a digit
    UPPER = "upper"
    LETTERS_AND_DIGITS = "letters_and_digits"  # 01-co-005 and 01CO_005 become 01CO005


_CHOICES = {
    "samples_in": SamplesIn,
    "kind": ValueKind,
    "id_type": IdType,
    "duplicates": Duplicates,
    "sample_rule": SampleRule,
}
_PREPROCESSING = ("transform", "normalise", "min_sd", "max_missing", "max_features", "drop_identical", "regress")


def _require_pattern(pattern: str | None) -> None:
    try:
        re.compile(pattern or "")
    except re.error as reason:
        raise ConfigError(f"{pattern!r} is no regular expression: {reason}") from None


@dataclass(frozen=True, kw_only=True)
class ViewOptions:
    r"""How one view is read and prepared. Every field can be used in the configuration of a view.

    Parameters
    ----------
    path
        The file or MTX folder; of several tables, such as one per sample, their folder, or a pattern (``*``, ``?``,
        ``[...]``, ``**``).
    samples_in
        Which side of a table the samples are on. ``"auto"`` recognises it from the sample sheet, the gene sets and the
        other views; where no name tells, features are in the rows.
    kind
        The scale of the values. ``"auto"`` recognises it. ``"estimated_counts"`` need not be whole (RSEM, salmon,
        kallisto); ``"normalised"`` is linear with real zeros (TPM, FPKM); of ``"intensity"`` a zero is not detected;
        ``"ratio"`` are logarithms of ratios (TMT); ``"fraction"`` lies between 0 and 1 (methylation, splicing);
        ``"binary"`` are 0 and 1; of ``"zscored"`` each feature has mean 0 and sd 1.
    id_type
        What the names of the features are; ``"other"`` for names that no table of genes knows (antibodies, miRNAs).
    duplicates
        What becomes of features of one name. ``"auto"`` adds up counts and is an error for all else;
        ``"most_complete"`` keeps the one with the fewest missing values, then with the largest variance.
    sample_rule
        How names of samples are rewritten so that views join: ``"tcga_patient"`` and ``"tcga_sample"`` cut barcodes of
        TCGA, ``"strip_x"`` the X that R puts before names that begin with a digit, and ``"letters_and_digits"`` keeps
        nothing else, in capitals.
    layer, obsm, feature_type
        Which part of an AnnData contains the view: a layer, an array of ``obsm``, or the features whose
        ``feature_types`` (or ``modality``) column has this value.
    features_file, samples_file
        Names of the features and samples of a bare MTX file, one a line.
    strip_prefix, strip_suffix
        Regular expressions that are cut from the beginning and end of feature names: ``'_[STY]\d+.*'`` makes genes of
        phosphosites, ``'\|.*'`` of ``GENE|antibody``.
    rename
        From feature names as they come to those they should have, for single repairs such as ``{"2-Sep": "SEPTIN2"}``.
    id_table, id_key, id_column
        Table that translates features, or ``biomart:SPECIES`` for a download. The
        layout of the HGNC is understood as it is; of any other table
        ``id_key`` names the column of the ids (default: the first) and ``id_column`` that of the new names.
        Without ``id_table``, ``id_column`` is a column of ``var``.
    orthologues, orthologue_key, orthologue_column
        Table of two columns (or the two named) from the names of the measured species to those of the gene sets.
    zero_is_missing
        Whether exact zeros mean "not detected"; by default only where the format says so.
    format
        How the program that wrote a table lays it out, such as ``"maxquant"``: one of
        :func:`pathfa.data.io.presets.format_names`. ``"auto"`` recognises it by the header; ``"none"`` does not look,
        and leaves out no column by its name. A format sets those of the options below, and of ``kind``,
        ``duplicates``, ``strip_suffix`` and ``zero_is_missing``, that are not given.
    feature_column
        Column of a table with the names of its rows; the first by default.
    sample_pattern
        Regular expression: columns that match as a whole are samples, and its group, if it has one, is the name of the
        sample: ``'(.+?)(?:_RNA)?'`` cuts a suffix. Where samples are in rows, in a container, or one per file, it names
        those to keep.
    drop_columns
        Columns of a table that are neither samples nor features.
    drop_rows
        By column of a table, a regular expression: rows whose cell matches as a whole are left out, such as
        ``{"Reverse": r"\+"}``.
    drop_features
        Regular expression: features whose name matches as a whole are left out, beside summaries and sums of programs,
        spike-ins and contaminants, which always are.
    long_samples, long_values
        Columns of a table with one value per row that name the sample and hold the value.
    sample_table, sample_key, sample_column
        Table from the samples of this view (``sample_key``, default: the first column) to subjects
        (``sample_column``). Without ``sample_table``, ``sample_column`` is the column of the sample sheet
        that contains the names of this view.
    transform, normalise, min_sd, max_missing, max_features, drop_identical, regress
        Preprocessing; see :class:`pathfa.data.preprocess.preprocessor.ViewPreprocessor`.

    Raises
    ------
    ConfigError
        When a value is not among its choices, or options exclude each other.
    """

    path: str | None = None
    samples_in: str = SamplesIn.AUTO
    kind: str = ValueKind.AUTO
    layer: str | None = None
    obsm: str | None = None
    feature_type: str | None = None
    features_file: str | None = None
    samples_file: str | None = None
    strip_prefix: str | None = None
    strip_suffix: str | None = None
    rename: Mapping[str, str] = field(default_factory=dict)
    id_type: str = IdType.AUTO
    id_table: str | None = None
    id_key: str | None = None
    id_column: str | None = None
    orthologues: str | None = None
    orthologue_key: str | None = None
    orthologue_column: str | None = None
    duplicates: str = Duplicates.AUTO
    zero_is_missing: bool | None = None
    format: str = "auto"
    feature_column: str | None = None
    sample_pattern: str | None = None
    drop_columns: tuple[str, ...] = ()
    drop_rows: Mapping[str, str] = field(default_factory=dict)
    drop_features: str | None = None
    long_samples: str | None = None
    long_values: str | None = None
    sample_table: str | None = None
    sample_key: str | None = None
    sample_column: str | None = None
    sample_rule: str = SampleRule.NONE
    transform: str | None = None
    normalise: str | None = None
    min_sd: float | None = None
    max_missing: float | None = None
    max_features: int | None = None
    drop_identical: bool | None = None
    regress: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            object.__setattr__(self, name, choose(choices, getattr(self, name), name))
        if sum(part is not None for part in (self.layer, self.obsm, self.feature_type)) > 1:
            raise ConfigError("layer, obsm and feature_type exclude each other; expected at most one of them")
        given = (
            self.strip_prefix,
            self.strip_suffix,
            self.sample_pattern,
            self.drop_features,
            *self.drop_rows.values(),
        )
        for pattern in given:
            _require_pattern(pattern)
        formats = ("auto", "none", *format_names())
        if self.format not in formats:
            raise ConfigError(findings=[bad_choice("format", self.format, formats)])
        if (self.long_samples is None) is not (self.long_values is None):
            raise ConfigError("long_samples and long_values belong together: give both or neither")
        object.__setattr__(self, "drop_columns", tuple(self.drop_columns))
        if self.sample_table is not None and self.sample_column is None:
            raise ConfigError("sample_table needs sample_column: the column that names the subjects, such as pid")
        if self.regress is not None:
            object.__setattr__(self, "regress", tuple(self.regress))

    @classmethod
    def from_mapping(cls, options: Mapping[str, Any], place: str = "views") -> ViewOptions:
        """Return options from the keys of a configuration.

        Raises
        ------
        ConfigError
            When a key is not known; the message names the nearest one.
        """
        known = [item.name for item in dataclasses.fields(cls)]
        findings = []
        for key in options:
            if key not in known:
                fix = did_you_mean(str(key), known, f"the keys are {', '.join(known)}")
                findings.append(error("unknown-option", f"there is no option {key!r}", fix=fix, place=place))
        if findings:
            raise ConfigError(findings=findings)
        return cls(**options)

    @property
    def preprocessing(self) -> dict[str, object]:
        """The preprocessing options that were set."""
        return {name: getattr(self, name) for name in _PREPROCESSING if getattr(self, name) is not None}
