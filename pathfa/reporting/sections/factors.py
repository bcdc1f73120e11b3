"""Sections on what the factors are: how much each explains, its gene sets, the samples."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from pathfa import pl
from pathfa.analysis.summaries import factor_table, sets_of_factor
from pathfa.core.names import factor_id, readable
from pathfa.core.text import capital, count, part_of
from pathfa.pl.wording import listed, number_with, percent, spans
from pathfa.reporting.page.blocks import Block, PageLink, Plot, Section, Sentences, TableBlock, Text, Widget
from pathfa.reporting.sections.strips import strips_of
from pathfa.reporting.study.study import Study
from pathfa.result.judgement import LIMITS, Level
from pathfa.result.labels import split_by_view, strongest_genes
from pathfa.result.result import PathFAResult
from pathfa.result.summaries import SHARED_RATIO, mean_member_share, outliers, start_agreement

_MOST_ANNOTATIONS = 6
_MOST_OUTLIERS = 6  # samples named in a sentence
_SCATTER = (
    "Choose the axes and the colour. A click on a point selects the sample, whose page follows below; arrow keys walk "
    "along the horizontal axis. Dragging around points puts their samples into a group."
)
_GROUPS = "Make two groups: by dragging around points above, by a covariate, or by name."
_SAMPLE = "Where its activities lie in this cohort, what places them there, what was measured, and its nearest samples."
_MOST_WORDS = 12  # factors described in words; all have a card


def factors_section(study: Study) -> Section:
    """Return what each factor is, how much it explains, and where it is seen."""
    result = study.result
    table = factor_table(result, study.grades)
    shared = [factor_id(str(name)) for name in table.loc[table["where"] == "shared", "factor"]]
    lead = f"{count(len(table), 'factor')}."
    if len(result.view_names) > 1:
        lead += f" Seen in every view: {spans(shared) or 'none'}."
    note = f"Shared: in the weaker view a factor has at least {percent(SHARED_RATIO)} of what it explains in the "
    note += f"stronger one. {_limits_of_coming_back(study)}"
    points = tuple(PageLink(text, _card(name)) for name, text in _words(study))
    blocks: tuple[Block, ...] = (
        Plot(pl.variance_explained(result)),
        Sentences(points=points, link="Card", title="What each factor is"),
        *_split(study),
        Widget(
            "factor", "Factor card", "What it explains, its gene sets, its samples, its covariates and its top genes."
        ),
        TableBlock("factors", "Which factors come back in other fits?", table, note, open=True),
        Plot(pl.annotated_share(result)),
    )
    return Section("factors", "Which factors matter, in which view?", lead, blocks)


def _limits_of_coming_back(study: Study) -> str:
    """Return from what the columns on other fits are made, and from where on a factor comes back in each."""
    close, _ = start_agreement(study.result)
    parts, limits = [], []
    if close:
        parts.append(f"Starts: mean correlation with the matched factor over {count(close, 'other start')} as good.")
        limits.append(f"starts below {LIMITS['starts'].caution}")
    if study.stability is not None:
        fits = int(study.stability.loc[study.stability["level"] == "factor", "n"].max())
        parts.append(f"Resamples: median similarity over {count(fits, 'refit')}.")
        limits.append(f"resamples below {LIMITS['stability'].caution}")
    if not limits:
        return "No other fit says whether a factor comes back."
    return f"{' '.join(parts)} With {' or '.join(limits)} a factor does not come back: do not interpret it alone."


def _words(study: Study) -> Iterator[tuple[str, str]]:
    """Yield each factor with what it is, in words."""
    result = study.result
    explained = result.variance_explained.drop(index="total")
    genes = strongest_genes(result.loadings, explained)
    for name, top in list(zip(result.factor_names, genes, strict=True))[:_MOST_WORDS]:
        own = result.loadings[str(explained.loc[name].idxmax())][name]
        signed = [f"{gene} ({'+' if own[gene] > 0 else '-'})" for gene in top]
        shares = dict(zip(result.view_names, result.variance_explained.loc[name].to_numpy(dtype=float), strict=True))
        words = [f"{percent(shares[view]) if shares[view] > 0 else 'none'} of {view}" for view in result.view_names]
        text = f"{name}: {', '.join(words)} variation"
        text += (
            ", next to nothing. " if LIMITS["next-to-nothing"].level(max(shares.values())) is not Level.PASS else ". "
        )
        lost = " Other fits do not find it." if name in study.lost else ""
        what = f"{_match(result, name)} Top genes: {', '.join(signed)}." if top else "All its loadings are 0."
        yield name, f"{text}{what}{lost}"


def _match(result: PathFAResult, name: str) -> str:
    """Return the gene sets of a factor in words, and how well they match it."""
    sets, members, measured = sets_of_factor(result, name)
    if not sets:
        return "No gene set is likely part of it, so it is named after its strongest genes."
    share, whole = mean_member_share(result, name), len(result.gene_set_names)
    weak = LIMITS["name-share"].level(share) is not Level.PASS
    told = sorted(map(readable, sets), key=lambda item: item not in name)  # those of its name first
    text = f"{'Weak match to' if weak else 'Gene sets:'} {listed(told)}"
    text += f" (they account for {percent(share)} of the loadings of all genes in gene sets; {measured:,} of "
    text += f"{count(members, 'member')} measured)."
    if LIMITS["unspecific"].level(len(sets) / whole) is not Level.PASS:
        text += f" With {len(sets)} of {count(whole, 'gene set')} it is specific to none."
    return text


def _card(name: str) -> str:
    return f"widget-factor&factor={quote(name)}"


def _split(study: Study) -> Iterator[Text]:
    """Yield the programmes that a factor of its own has in each of several views, with the cards of these factors."""
    result = study.result
    for programme, found in split_by_view(result.factor_names, result.view_names).items():
        parts = listed([f"{factor_id(name)} is seen in {view} alone" for view, name in found.items()], len(found))
        text = f"{capital(programme)} is split by view: {parts}.{_all_the_same(study, programme)}"
        yield Text((text,), links=tuple(PageLink(name, _card(name)) for name in found.values()))


def _all_the_same(study: Study, programme: str) -> str:
    """Return how the activities of a gene set correlate between views, which its factors do not say."""
    if study.concordance is None:
        return ""
    table = study.concordance[study.concordance["effect"].notna()]
    own = table[table["feature"].map(str).map(readable) == programme]
    words = [
        f"r = {number_with(row['effect'], row['lower'], row['upper'])} between "
        f"{str(row['covariate']).replace(' ~ ', ' and ')}"
        for row in own.to_dict("records")
    ]
    if not words:
        return ""
    return f" The means of its members, which need no factor, correlate by {listed(words, len(words))}."


def gene_sets_section(study: Study) -> Section:
    """Return the gene sets of the factors."""
    figure = pl.gene_set_weights(study.result)
    everything = pl.gene_set_weights(study.result, similar=True)
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
        figure = pl.concordance(study.concordance)
        lead = figure.answer
        blocks.append(Plot(figure))
    if study.result.residual_correlation.notna().to_numpy().any():
        blocks.append(Plot(pl.residual_correlation(study.result)))
    return Section("cards", "What is in a programme, and do the views agree?", lead, tuple(blocks))


def samples_section(study: Study) -> Section:
    """Return the samples: activities, scores, outliers."""
    figure = pl.activity(study.result, covariates=strips_of(study, _MOST_ANNOTATIONS))
    distances = outliers(study.result).rename_axis("sample").reset_index()
    far = [str(name) for name in distances.loc[distances["outlier"], "sample"]]
    note = f"{part_of(len(far), len(distances), 'sample', 'lie')} far from the others"
    note += f": {listed(far, _MOST_OUTLIERS)}. " if far else ". "
    note += "Sum of squared robust z-scores over all factors; in a normal cohort of this size, a sample as far away as "
    note += "an outlier is seen once in a thousand times."
    blocks = (
        Plot(figure),
        Widget("scatter", "How do the samples lie?", _SCATTER),
        Widget("groups", "How do two groups of samples differ?", _GROUPS),
        Widget("sample", "One sample", _SAMPLE),
        TableBlock("outliers", "How far is each sample from the others?", distances, note),
    )
    return Section("samples", "Which samples?", figure.answer, blocks)
