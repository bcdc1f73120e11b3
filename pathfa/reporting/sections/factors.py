"""Sections on what the factors are: how much each explains, what it is associated with, its gene sets, the samples."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from pathfa import pl
from pathfa.analysis.summaries import factor_table
from pathfa.core.text import count, inflect, part_of
from pathfa.pl.wording import listed, percent
from pathfa.reporting.page.blocks import Block, PageLink, Pairs, Plot, Section, TableBlock, Text, Widget
from pathfa.reporting.sections.strips import strips_of
from pathfa.reporting.study.study import Study
from pathfa.result.judgement import LIMITS
from pathfa.result.labels import factor_id, split_by_view
from pathfa.result.result import PathFAResult
from pathfa.result.summaries import SHARED_RATIO, outliers

_NO_COVARIATES = (
    "No covariates were given, so nothing can be said about what the factors are associated with. Give a table with "
    "one row per sample (age, stage, batch, ...) to fill this part."
)
_PLUG_IN = "The cohort is large: the uncertainty of single activities is small and is not in the effects."
_MOST_ANNOTATIONS = 6
_SCATTER = (
    "Choose the axes and the colour. A click on a point selects the sample, whose page follows below; arrow keys walk "
    "along the horizontal axis. Dragging around points puts their samples into a group."
)
_GROUPS = "Make two groups: by dragging around points above, by a covariate, or by name."
_SAMPLE = "Where its activities lie in this cohort, what places them there, what was measured, and its nearest samples."


def factors_section(study: Study) -> Section:
    """Return how much each factor explains, and where it is seen."""
    result = study.result
    table = factor_table(result, study.explained, study.grades)
    shared = int((table["where"] == "shared").sum())
    lead = f"{part_of(shared, len(table), 'factor', 'are')} shared between views" if len(result.view_names) > 1 else ""
    note = f"Shared: the weaker view has at least {percent(SHARED_RATIO)} of what is explained in the stronger one. "
    note += "Lower and upper are 95 % limits of R2 over the samples (bootstrap, factors fixed). "
    note += "Starts: mean correlation with the matched factor of the starts that are as good; resamples: median "
    note += "similarity over refits. A factor below "
    note += (
        f"{LIMITS['starts'].caution} or {LIMITS['stability'].caution} does not come back: do not interpret it alone."
    )
    blocks: tuple[Block, ...] = (
        *_split(result),
        Plot(pl.variance_explained(result, certainty=study.certainty)),
        Widget(
            "factor", "Factor card", "What it explains, its gene sets, its samples, its covariates and its top genes."
        ),
        TableBlock("factors", "Shared, or seen in one view alone?", table, note, open=True),
        Plot(pl.annotated_share(result, certainty=study.certainty)),
    )
    lead = study.certainty.close(lead + "." if lead else f"{count(len(table), 'factor', 'describe')} one view.")
    return Section("factors", "Which factors matter, in which view?", lead, blocks)


def _split(result: PathFAResult) -> Iterator[Text]:
    """Yield the programmes that a factor of its own has in each of several views, with the cards of these factors."""
    for programme, found in split_by_view(result.factor_names, result.view_names).items():
        parts = listed([f"{factor_id(name)} is seen in {view} alone" for view, name in found.items()], len(found))
        text = f"{programme[:1].upper()}{programme[1:]} is split by view: {parts}."
        cards = (PageLink(name, f"widget-factor&factor={quote(name)}") for name in found.values())
        yield Text((text,), links=tuple(cards))


def covariates_section(study: Study) -> Section:
    """Return what is associated with covariates and outcome: biology or batch."""
    blocks: list[Block] = []
    certainty = study.certainty
    lead = _NO_COVARIATES
    for level, table in (("scores", study.factor_tests), ("activity", study.activity_tests)):
        if table is not None and len(table):
            figure = pl.associations(
                table, level=level, technical=study.technical, derived=list(study.derived), certainty=certainty
            )
            blocks.append(Plot(figure))
    if blocks:
        names = [name for name in study.tested if name not in study.technical]
        lead = f"{count(len(names), 'covariate')} of interest ({listed(names, 8)})"
        if study.technical:
            lead += f" and {count(len(study.technical), 'technical one')} ({listed(study.technical)})."
        else:
            lead += "; none is known to be technical, so a batch cannot be seen here."
        if derived := [name for name in names if name in study.derived]:
            lead += f" {listed(derived, 8)} {inflect(len(derived), 'look')} computed from the same data and "
            lead += f"{inflect(len(derived), 'come')} after the others."
        without = int(study.covariates.isna().all(axis=1).sum())
        if without:
            lead += f" {without:,} of {count(len(study.covariates), 'sample')} {inflect(without, 'have')} none."
        lead += "" if study.pooled else f" {_PLUG_IN}"
        note = "Click a cell above, or choose here. "
        note += "Derived covariates aside, the pair with the smallest p comes first."
        blocks.append(Widget("covariate", "One factor or gene set against one covariate", note))
    if study.survival is not None and len(study.survival):
        blocks.append(Plot(pl.survival(study.survival, certainty=certainty)))
    if study.curves is not None:
        blocks.append(Plot(pl.survival_curves(study.curves)))
    if study.left_out:
        blocks.append(Pairs(tuple(study.left_out.items()), title="Covariates that are not shown or not tested"))
    return Section("biology", "Biology or batch?", lead, tuple(blocks))


def gene_sets_section(study: Study) -> Section:
    """Return the gene sets of the factors."""
    figure = pl.gene_set_weights(study.result, certainty=study.certainty)
    everything = pl.gene_set_weights(study.result, similar=True, certainty=study.certainty)
    hidden = len(everything.y.labels) - len(figure.y.labels)
    plot = Plot(
        figure,
        more=everything if hidden > 0 else None,
        more_label=f"Show similar gene sets in rows of their own ({count(hidden, 'more row')})",
        filtered=True,
    )
    return Section("programmes", "Which programmes?", figure.answer, (plot,))


def cards_section(study: Study) -> Section:
    """Return one gene set in detail, and how well the views agree on all of them."""
    note = "Members with their loadings, what was not measured, and genes outside the set that load like members."
    blocks: list[Block] = [
        Widget("card", "Gene-set card", note),
        Widget("gene", "Gene card", "Its gene sets, and its loadings on every factor in every view."),
    ]
    lead = "Select a gene set to see its members."
    if study.concordance is not None and len(study.concordance) and study.concordance["effect"].notna().any():
        figure = pl.concordance(study.concordance, certainty=study.certainty)
        lead = figure.answer
        blocks.append(Plot(figure))
    if study.result.residual_correlation.notna().to_numpy().any():
        blocks.append(Plot(pl.residual_correlation(study.result, certainty=study.certainty)))
    return Section("cards", "What is in a programme, and do the views agree?", lead, tuple(blocks))


def samples_section(study: Study) -> Section:
    """Return the samples: activities, scores, outliers."""
    figure = pl.activity(study.result, covariates=strips_of(study, _MOST_ANNOTATIONS), certainty=study.certainty)
    distances = outliers(study.result).rename_axis("sample").reset_index()
    note = "Sum of squared robust z-scores over all factors; in a normal cohort of this size, a sample as far away as "
    note += "an outlier is seen once in a thousand times."
    blocks = (
        Plot(figure),
        Widget("scatter", "How do the samples lie?", _SCATTER),
        Widget("groups", "How do two groups of samples differ?", _GROUPS),
        Widget("sample", "One sample", _SAMPLE),
        TableBlock("outliers", "How far is each sample from the others?", distances, note),
    )
    return Section("samples", "Which samples?", figure.answer, blocks)
