"""Activities in the files that cBioPortal loads: as scores of gene sets, and as a generic assay."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm

from pathfa.core.errors import ConfigError
from pathfa.core.files import write_text
from pathfa.core.names import readable
from pathfa.core.text import count
from pathfa.result.result import as_result

_ALLOWED = re.compile(r"[A-Za-z0-9._-]+")  # in ids of studies, samples and entities
_SCORES, _TAILS = "gsva_scores", "gsva_pvalues"  # one score and one p-value per study is what cBioPortal shows


def to_cbioportal(
    model: object, folder: str | Path, *, study: str, source: str = "rna_seq_mrna", gene_set_version: str = "1"
) -> list[Path]:
    """Write activities as the data and meta files of a study of cBioPortal.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    folder
        Folder of the study; made if it does not exist.
    study
        ``cancer_study_identifier`` of the study.
    source
        ``stable_id`` of the expression profile of the study that the scores are shown beside. The portal asks that the
        study holds it and z-scores made from it.
    gene_set_version
        The version under which the gene sets were loaded into the portal.

    Returns
    -------
    list of Path
        Pairs of ``data_*.txt`` and ``meta_*.txt``, gene sets x samples. ``pathfa_activity`` and ``pathfa_activity_sd``
        are generic assays: the activities as they are, in sd of a feature, and their posterior sd. ``gsva_scores`` must
        lie between -1 and 1: 2 Phi(a / s) - 1 for an activity a, with s the sd of the set over the samples;
        ``gsva_pvalues``, above 0 and at most 1, is the posterior probability, two-sided, that the activity has another
        sign. All four call a gene set by its id: its name with ``_`` for all but letters, digits, points, underscores
        and hyphens; the generic assays also give the name as it is read, and as it was given.

    Raises
    ------
    ConfigError
        If the portal would refuse the name of the study, of a sample, or two gene sets under the same name.

    Examples
    --------
    >>> [path.name for path in pf.analysis.to_cbioportal(model, "study", study="mine_2026")][:2]
    ['data_pathfa_activity.txt', 'meta_pathfa_activity.txt']
    """
    result = as_result(model)
    _refuse([study], "study")
    _refuse(list(result.activity.index), "sample names")
    activity, sd = result.activity.T, result.activity_sd.T
    ids = _ids(activity.index)
    spread = activity.std(axis=1, ddof=0)
    scores = 2 * norm.cdf(activity.div(spread.where(spread > 0, np.inf), axis=0)) - 1
    away = (activity.abs() / sd).where(activity != 0, 0.0)  # a set without an effect is 0, and surely so
    tails = np.maximum(2 * norm.sf(away), np.finfo(float).tiny)  # a p-value of 0 is refused
    folder, written = Path(folder), []
    for name, values, called, words, shown, first in (
        (
            "pathfa_activity",
            activity,
            "Activity",
            "Activity of gene sets in sd of a feature, by PathFA",
            "true",
            "DESC",
        ),
        ("pathfa_activity_sd", sd, "Activity, sd", "Posterior sd of these activities", "false", "ASC"),
    ):
        read = {"NAME": [readable(name) for name in ids.index], "DESCRIPTION": [" ".join(n.split()) for n in ids.index]}
        table = pd.concat([pd.DataFrame({"ENTITY_STABLE_ID": ids, **read}, ids.index), values], axis=1)
        about = {
            "genetic_alteration_type": "GENERIC_ASSAY",
            "generic_assay_type": "GENE_SET_ACTIVITY",
            "datatype": "LIMIT-VALUE",
            "stable_id": name,
            "profile_name": called,
            "profile_description": words,
            "show_profile_in_analysis_tab": shown,
            "value_sort_order": first,
            "generic_entity_meta_properties": ",".join(read),
        }
        written += _written(folder, name, table, {"cancer_study_identifier": study, **about})
    for name, shares, kind, beside, words in (
        (_SCORES, scores, "GSVA-SCORE", source, "2 Phi(activity / its sd over the samples) - 1, by PathFA"),
        (_TAILS, tails, "P-VALUE", _SCORES, "Posterior probability, two-sided, that the activity has another sign"),
    ):
        table = pd.DataFrame(shares, ids, activity.columns).rename_axis("geneset_id").reset_index()
        about = {
            "genetic_alteration_type": "GENESET_SCORE",
            "datatype": kind,
            "stable_id": name,
            "source_stable_id": beside,
            "profile_name": "Activity of gene sets" if name == _SCORES else "Uncertainty of these activities",
            "profile_description": words,
            "geneset_def_version": gene_set_version,
            **({"show_profile_in_analysis_tab": "true"} if name == _SCORES else {}),
        }
        written += _written(folder, name, table, {"cancer_study_identifier": study, **about})
    return written


def _refuse(names: list[str], place: str) -> None:
    strange = [name for name in names if not _ALLOWED.fullmatch(str(name))]
    if strange:
        found = f"{count(len(strange), 'name')} that cBioPortal refuses"
        expected, fix = "letters, digits, points, underscores and hyphens", "rename them before the fit"
        raise ConfigError.of("portal-names", found, expected, fix, place=place, items=strange)


def _ids(gene_sets: pd.Index) -> pd.Series:
    """Return the id that the portal takes of each gene set, by its name."""
    ids = pd.Series([re.sub(r"[^A-Za-z0-9._-]", "_", name) for name in gene_sets], gene_sets)
    alike = list(ids.index[ids.duplicated(keep=False)])
    if alike:
        found = f"{count(len(alike), 'gene set', 'have')} the same id without other signs than letters and digits"
        raise ConfigError.of("portal-names", found, fix="rename them before the fit", place="gene sets", items=alike)
    return ids


def _written(folder: Path, name: str, table: pd.DataFrame, about: Mapping[str, str]) -> list[Path]:
    data, meta = folder / f"data_{name}.txt", folder / f"meta_{name}.txt"
    text = table.to_csv(
        sep="\t", index=False, float_format="%.6g", na_rep="NA", lineterminator="\n", quoting=csv.QUOTE_NONE
    )  # the portal takes a quote as a letter
    write_text(data, text)
    lines = {**about, "data_filename": data.name}
    write_text(meta, "".join(f"{key}: {value}\n" for key, value in lines.items()))
    return [data, meta]
