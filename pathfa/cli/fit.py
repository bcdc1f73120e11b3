"""The command that makes a model: fit."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from pathfa.cli.console import Answer, job
from pathfa.cli.inputs import (
    GeneSetFile,
    Jobs,
    MaxSize,
    MinSize,
    MuDataFile,
    Out,
    Samples,
    Views,
    cohort_source,
    collection_of,
)
from pathfa.core.grammar import count
from pathfa.workflow.config import parse_part
from pathfa.workflow.config.options import make_fit


@job("fit")
def fit(
    gene_sets: GeneSetFile,
    out: Out,
    view: Views = None,
    mudata: MuDataFile = None,
    samples: Samples = None,
    min_size: MinSize = 5,
    max_size: MaxSize = 500,
    n_factors: Annotated[str, typer.Option(help="Number of factors; 'auto' lets the evidence choose.")] = "auto",
    loading_prior: Annotated[
        Literal["auto", "strict", "soft"], typer.Option(help="May genes outside a set load?")
    ] = "auto",
    sign: Annotated[Literal["nonnegative", "any"], typer.Option(help="Sign of the gene-set weights.")] = "nonnegative",
    curvature: Annotated[
        Literal["auto", "full", "factor", "diagonal"], typer.Option(help="Curvature kept for the evidence.")
    ] = "auto",
    noise: Annotated[
        Literal["moderated", "feature", "view"], typer.Option(help="How the noise of the features of a view relates.")
    ] = "moderated",
    noise_trend: Annotated[bool, typer.Option("--noise-trend", help="Noise follows the level of a feature.")] = False,
    view_scale: Annotated[
        Literal["auto", "view", "factor", "fixed"], typer.Option(help="How much gene-set weights count in each view.")
    ] = "auto",
    scale: Annotated[Literal["zscore", "center", "none"], typer.Option(help="Scaling of each feature.")] = "zscore",
    left_censored: Annotated[
        list[str] | None, typer.Option(metavar="VIEW", help="A view whose values are missing because they were low.")
    ] = None,
    features: Annotated[
        Literal["all", "annotated"], typer.Option(help="Whether features outside every gene set count too.")
    ] = "all",
    n_starts: Annotated[int, typer.Option(help="Number of starts; the best evidence wins.")] = 4,
    max_iter: Annotated[int, typer.Option(help="Most iterations.")] = 500,
    tol: Annotated[
        float, typer.Option(help="Change of the evidence, nats per value, at which a fit has converged.")
    ] = 1e-6,
    max_factors: Annotated[
        int | None,
        typer.Option(
            help="Most factors that 'auto' tries; by default a quarter of the samples, 10 to 40, at most half."
        ),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    seed: Annotated[int, typer.Option(help="The same seed gives the same numbers.")] = 0,
    n_jobs: Jobs = None,
) -> Answer:
    """Fit the model and save it in one file.

    Example: pathfa fit --view rna=rna.tsv --view protein=protein.tsv --gene-sets sets.gmt --out model.h5
    """
    from pathfa.workflow import actions

    values: dict[str, Any] = {
        "n_factors": int(n_factors) if n_factors.isdigit() else n_factors,
        "loading_prior": loading_prior,
        "sign": sign,
        "curvature": curvature,
        "noise": noise,
        "noise_trend": noise_trend,
        "view_scale": view_scale,
        "scale": scale,
        "left_censored": left_censored or [],
        "features": features,
        "n_starts": n_starts,
        "max_iter": max_iter,
        "tol": tol,
        "max_factors": max_factors,
        "device": device,
        "seed": seed,
    }
    parse_part("run", values)
    source = cohort_source(view, mudata, samples)
    sets = collection_of(gene_sets, min_size, max_size)
    details = actions.fit(source, sets, make_fit(values), out, n_jobs=n_jobs, progress=True)
    how = f"converged in {count(details['n_iter'], 'iteration')}" if details["converged"] else "did NOT converge"
    lines = [
        f"{count(details['n_factors'], 'factor')}, log evidence {details['log_evidence']:.1f}, {how}",
        f"{out} written; next: pathfa report {out}",
    ]
    return Answer(result={"out": str(out), **details}, lines=lines, state=details)
