"""What machines read beside the report: the verdict and the key figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pathfa.reporting.places import files_of
from pathfa.reporting.study.study import Study
from pathfa.reporting.verdict.verdict import Verdict
from pathfa.result.summaries import likely_sets, mean_member_share


def _heldout(study: Study) -> dict[str, float]:
    """Return R2 of left-out samples per view, from the source that reproduces it best."""
    if study.heldout is None or study.heldout.empty:
        return {}
    best = study.heldout.groupby("view", sort=False)["r2"].max()
    return {f"held-out R2 of {view}": round(float(r2), 4) for view, r2 in best.items()}


def status(study: Study, verdict: Verdict, report: Path) -> dict[str, Any]:
    """Return the status of a report, as in ``data_schemas/report_status.schema.json``.

    Keys: ``title``, ``verdict`` (``"PASS"``, ``"CAUTION"``, ``"DO NOT INTERPRET"``), ``headline`` (what can be used
    and what cannot, in words), ``use`` (list of ``scope``, ``state``, ``why``; see ``Use``), ``reasons`` (list of
    ``code``, ``level``, ``text``, worst first, without those that passed), ``checks`` (all of them), ``figures``
    (numbers by name), ``report`` (file name), ``files`` (folder beside it), ``simulated``, ``anonymous``, ``version``,
    ``activities`` (sd of each gene set's activity over the samples, largest first; those that are likely part of no
    factor are left out).
    """
    result = study.result
    total = result.variance_explained.loc["total"].to_dict()
    spread = result.activity[likely_sets(result)].std(axis=0, ddof=0).sort_values(ascending=False)
    return {
        "title": study.title,
        "verdict": str(verdict.level),
        "headline": verdict.headline,
        "use": [{"scope": str(u.scope), "state": str(u.state), "why": list(u.topics)} for u in verdict.uses],
        "reasons": [{"code": r.code, "level": str(r.level), "text": r.text} for r in verdict.concerns],
        "checks": {r.code: str(r.level) for r in verdict.reasons},
        "figures": {
            "samples": len(result.scores),
            "samples in every view": int(result.presence.astype(bool).all(axis=1).sum()),
            "factors": len(result.factor_names),
            "gene sets": len(result.gene_set_names),
            **{f"R2 of {view}": round(float(total[view]), 4) for view in result.view_names},
            **_heldout(study),
            "share of members' loadings": round(mean_member_share(result), 4),
            "log evidence": round(result.log_evidence, 2),
        },
        "converged": result.converged,
        "activities": {str(name): round(float(value), 5) for name, value in spread[spread > 0].items()},
        "report": report.name,
        "files": files_of(report).name,
        "simulated": study.simulated,
        "anonymous": study.anonymous,
        "version": str(result.provenance.get("version", "")),
    }
