"""One HDF5 file per model: written through anndata's element format, never half, without pickle."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pathfa._version import __version__
from pathfa.core.errors import InputError, MissingInputError
from pathfa.core.files import whole
from pathfa.core.findings import findings_from_json, findings_to_json, warning
from pathfa.core.text import count
from pathfa.data.cohort.covariates import plain_columns
from pathfa.result.check import checksum, damaged_parts
from pathfa.result.defaults import alike, all_members

if TYPE_CHECKING:
    import h5py

MODEL_FORMAT = "pathfa-model"
MODEL_FORMAT_VERSION = 7
_READ = (4, 5, 6, 7)  # that are read: activities came with 5, "seen" in the calibration with 6, members with 7
ID_COUNTS = ("unchanged", "mapped", "ambiguous", "lost", "merged")
"""What is counted of the names of features that were translated."""
_CHECKSUMS = "sha256"
"""Attribute of the file with the checksum of each of its parts."""
_FIX = "name a file that PathFA.save or `pathfa fit --out` wrote, or fit the model again"


def write_model(path: str | Path, content: Mapping[str, Any]) -> None:
    """Write nested mappings of arrays, tables, sparse matrices and text to one file.

    The file appears under its name only when it is complete.

    Parameters
    ----------
    path
        Where; an existing file is replaced.
    content
        What; see ``anndata.io.write_elem`` for the types.
    """
    import h5py
    from anndata import settings
    from anndata.io import write_elem

    text = settings.override(allow_write_nullable_strings=True)
    with whole(Path(path)) as part, h5py.File(part, "w") as file, text:
        file.attrs.update(
            {"format": MODEL_FORMAT, "format_version": MODEL_FORMAT_VERSION, "pathfa_version": __version__}
        )
        for key, value in content.items():
            write_elem(
                file, key, _with_plain_names(value), dataset_kwargs={"compression": "gzip", "compression_opts": 1}
            )
        file.attrs[_CHECKSUMS] = json.dumps({key: checksum(file[key]) for key in file})


def _with_plain_names(value: Any) -> Any:
    """Return tables, also nested ones, with rows named by objects: of strings, pandas 3 would make other files."""
    if isinstance(value, Mapping):
        return {key: _with_plain_names(item) for key, item in value.items()}
    named = isinstance(value, pd.DataFrame) and isinstance(value.index.dtype, pd.StringDtype)
    return value.set_axis(value.index.astype(object)) if named else value


def read_model(path: str | Path) -> dict[str, Any]:
    """Return what ``write_model`` wrote.

    Raises
    ------
    MissingInputError
        If there is no such file.
    InputError
        If it is not a model, one of another format, or damaged.
    """
    import h5py
    from anndata.io import read_elem

    path = Path(path)
    if not path.is_file():
        raise MissingInputError.of("not-a-model", "no such file", "a model that PathFA.save wrote", _FIX, place=path)
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise InputError.of(
            "not-a-model", f"cannot be read as HDF5 ({error})", "a model file", _FIX, place=path
        ) from error
    with file:
        if file.attrs.get("format") != MODEL_FORMAT:
            raise InputError.of("not-a-model", "an HDF5 file without a PathFA model", "a model file", _FIX, place=path)
        version = int(file.attrs.get("format_version", 0))
        if version not in _READ:
            found = f"model format {version}, written by PathFA {file.attrs.get('pathfa_version', 'unknown')}"
            expected = f"format {MODEL_FORMAT_VERSION}{'; update PathFA' if version > MODEL_FORMAT_VERSION else ''}"
            raise InputError.of("not-a-model", found, expected, _FIX, place=path)
        if problems := _changed(file):
            raise damaged(path, problems)
        content = {}
        for key in file:
            try:
                content[key] = read_elem(file[key])
            except Exception as error:  # whatever HDF5 or anndata say of a broken part
                raise damaged(path, [f"{key}: cannot be read ({type(error).__name__})"]) from error
    return content


def _changed(file: h5py.File) -> list[str]:
    """Return which parts of a file are not as they were written; files of earlier versions do not tell."""
    problems = []
    for key, known in json.loads(file.attrs.get(_CHECKSUMS, "{}")).items():
        try:
            same = key in file and checksum(file[key]) == known
        except Exception:  # whatever HDF5 and h5py say of bytes that are none of theirs
            same = False
        if not same:
            problems.append(f"{key}: {'not as it was written' if key in file else 'absent'}")
    return problems


def damaged(path: str | Path, problems: Sequence[str]) -> InputError:
    """Return the error that names the damaged parts of a model file."""
    found = f"damaged in {count(len(problems), 'place')}"
    fix = "copy the file again, or fit the model again"
    return InputError.of("damaged-model", found, "a model as it was written", fix, place=path, items=problems)


_TEXT = ("gene_sets", "settings", "provenance")  # stored as JSON
_SERIES = ("noise", "detection_limits")
_TABLES = ("activity", "activity_sd")  # one array each, and so those of each view
_VIEW_TABLES = ("view_activity", "view_activity_sd", "data")
_EFFECTS = ("set_effect_sd", "shared_effect_sd", "set_effect_correlation")
_SINCE_5 = ("activity", "activity_sd", "view_activity", "view_activity_sd", *_EFFECTS)
_SINCE_6 = ("sample_quality", "sample_quality_sd", "sample_quality_prior")
_SINCE_7 = ("member_probability",)
_INTERCEPTS = "background"  # what files call the intercepts of the loadings, and older ones their evidence term
_IN_FILE = {"loading_intercepts": _INTERCEPTS}
_OF_FEATURES = (
    "loadings",
    "loadings_cov",
    "noise",
    "masks",
    "member_probability",
    "data",
    "view_scores",
    "preprocessing",
)
_BY_VIEW = (*_OF_FEATURES, "view_activity", "view_activity_sd")


def pack_result(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a ``PathFAResult`` in the types that ``write_model`` takes."""
    packed = dict(content)
    packed[_INTERCEPTS] = packed.pop("loading_intercepts")
    packed["weight_blocks"] = {
        f"{index:05d}": {"active": active, "cov": cov} for index, (active, cov) in enumerate(content["weight_blocks"])
    }
    for name in _SERIES:
        packed[name] = {view: series.to_frame() for view, series in content[name].items()}
    for name in _TABLES:
        packed[name] = _packed_table(content[name])
    for name in _VIEW_TABLES:
        packed[name] = {view: _packed_table(table) for view, table in content[name].items()}
    packed["shared_effect_sd"] = content["shared_effect_sd"].to_frame()
    obs, findings = plain_columns(content["obs"])
    InputError.stop_on(findings)
    packed["obs"] = obs.apply(_storable)
    packed.update({name: json.dumps(content[name]) for name in _TEXT})
    packed["findings"] = findings_to_json(content["findings"])
    return packed


def unpack_result(content: Mapping[str, Any], path: str | Path, names: Sequence[str]) -> dict[str, Any]:
    """Return the fields of a ``PathFAResult`` from what ``pack_result`` made.

    Parameters
    ----------
    content
        What ``read_model`` returned.
    path
        The file, for the message.
    names
        The fields that there must be.

    Raises
    ------
    InputError
        If a field is absent, or they do not fit together.
    """
    later = [*([] if "activity" in content else _SINCE_5), *_SINCE_6, *_SINCE_7]
    absent = [f"{name}: absent" for name in names if _IN_FILE.get(name, name) not in content and name not in later]
    if absent:
        raise damaged(path, absent)
    try:
        fields = _unpacked(content)
        problems = damaged_parts(fields)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise damaged(path, [f"parts that do not fit together ({type(error).__name__}: {error})"]) from error
    if problems:
        raise damaged(path, problems)
    return fields


def _unpacked(content: Mapping[str, Any]) -> dict[str, Any]:
    fields = dict(content)
    fields["loading_intercepts"] = fields.pop(_INTERCEPTS)
    blocks = content["weight_blocks"]
    fields["weight_blocks"] = tuple((blocks[key]["active"], blocks[key]["cov"]) for key in sorted(blocks))
    for name in _SERIES:
        fields[name] = {view: table.iloc[:, 0] for view, table in content[name].items()}
    fields["obs"] = content["obs"].apply(_as_text)
    for name in _VIEW_TABLES:
        fields[name] = {view: _unpacked_table(table) for view, table in content.get(name, {}).items()}
    if "activity" in content:
        fields |= {name: _unpacked_table(content[name]) for name in _TABLES}
        fields["shared_effect_sd"] = content["shared_effect_sd"].iloc[:, 0]
    fields.update({name: json.loads(str(content[name])) for name in _TEXT})
    fields["provenance"].setdefault("identifiers", _identifiers_in(fields["flow"]))
    fields["findings"] = findings_from_json(str(content["findings"]))
    if "activity" not in content:
        from pathfa.result.tensors import without_effects  # torch takes long to load

        fields |= without_effects(SimpleNamespace(**fields))
        found = f"activities are what factors carry: the model was made by PathFA {fields['provenance']['version']}"
        fields["findings"] += (warning("earlier-model", found, fix="fit again for what gene sets do on their own"),)
    fields["calibration"] = {subset: _complete(entry) for subset, entry in content["calibration"].items()}
    if "sample_quality" not in content:
        fields |= alike(fields["presence"])
    if "member_probability" not in content:
        fields["member_probability"] = all_members(content["masks"])
    fields["converged"] = bool(content["converged"])
    terms = {key: float(value) for key, value in content["evidence_terms"].items()}
    fields["evidence_terms"] = {"intercepts" if key == _INTERCEPTS else key: value for key, value in terms.items()}
    order = fields["settings"]["views"]
    fields.update({name: {view: fields[name][view] for view in order if view in fields[name]} for name in _BY_VIEW})
    return fields


def _complete(entry: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return a calibration with what files before format 6 lack: nothing that is missing makes it less certain."""
    return {"seen": np.eye(len(entry["map"])), "inflation": np.ones(()), **entry}


def _identifiers_in(flow: pd.DataFrame) -> list[dict[str, Any]]:
    """Return what became of the names of the features, from the words of files that lack the numbers."""
    found = []
    for row in flow[flow["step"] == "identifiers"].to_dict("records"):
        for source, target, words in re.findall(r"([^;]+?) to ([^;]+?): ((?:\d+ [a-z]+(?:, )?)+)", str(row["detail"])):
            given = {status: int(number) for number, status in re.findall(r"(\d+) ([a-z]+)", words)}
            counts = dict.fromkeys(ID_COUNTS, 0) | given
            features = sum(counts.values()) - counts["merged"]
            found.append({"view": row["view"], "from": source.strip(), "to": target, "features": features, **counts})
    return found


def _storable(column: pd.Series) -> pd.Series:
    """Return a covariate in a type that a file can hold: text with missing values has one of its own."""
    return column.astype("string") if column.dtype == object and column.isna().any() else column


def _as_text(column: pd.Series) -> pd.Series:
    """Return text as pandas holds it by default: objects before pandas 3, then strings."""
    text = isinstance(column.dtype, pd.StringDtype)
    return column.astype(object).where(column.notna()).infer_objects() if text else column


def _unpacked_table(table: Mapping[str, np.ndarray]) -> pd.DataFrame:
    return pd.DataFrame(table["values"], index=table["samples"], columns=table["features"])


def _packed_table(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return a table of samples by features as arrays; as a table each column would be a dataset of its own."""
    names = {"samples": table.index, "features": table.columns}
    return {"values": table.to_numpy(), **{key: index.to_numpy(dtype=object) for key, index in names.items()}}
