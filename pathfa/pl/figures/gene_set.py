"""Figure of one gene set: the loadings of its members."""

from __future__ import annotations

import pandas as pd

from pathfa.core.errors import ConfigError
from pathfa.core.text import count, inflect
from pathfa.pl.figure.labels import unknown
from pathfa.pl.figure.spec import Axis, Figure, Points, Rule, distinct, shorten
from pathfa.result.labels import factor_id, readable
from pathfa.result.result import as_result

_Z = 1.96  # half width of a 95 % interval in sd


def gene_set_card(model: object, gene_set: str, factor: str | None = None, *, most: int = 40) -> Figure:
    """Return the loadings of the members of a gene set on one factor, with intervals, in every view.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    gene_set
        Its name.
    factor
        Name or id such as ``"F1"``; the factor where the set weighs most when None.
    most
        Members shown, by falling largest loading.

    Raises
    ------
    ConfigError
        If there is no such gene set or factor.
    """
    result = as_result(model)
    if gene_set not in result.gene_set_weights.index:
        raise ConfigError(findings=[unknown("gene set", gene_set, result.gene_set_names)])
    weights = result.gene_set_weights.loc[gene_set].abs()
    found = [name for name in result.factor_names if factor in (name, factor_id(name))]
    if factor is not None and not found:
        raise ConfigError(findings=[unknown("factor", factor, result.factor_names)])
    chosen = found[0] if found else str(weights.idxmax())
    members = result.gene_sets[gene_set]
    parts = []
    for view, loadings in result.loadings.items():
        inside = loadings.index[loadings.index.isin(members)]
        mean, sd = loadings.loc[inside, chosen], result.loadings_sd[view].loc[inside, chosen]
        parts.append(
            pd.DataFrame(
                {"gene": inside, "view": view, "loading": mean, "lower": mean - _Z * sd, "upper": mean + _Z * sd}
            )
        )
    table = pd.concat(parts, ignore_index=True)
    table["excludes_zero"] = (table["lower"] > 0) | (table["upper"] < 0)
    order = table.groupby("gene")["loading"].apply(lambda values: values.abs().max()).sort_values(ascending=False)
    genes = list(order.index[:most])[::-1]
    labels = distinct([shorten(str(gene)) for gene in genes])
    place = dict(zip(genes, labels, strict=True))
    marks = []
    for style, view in enumerate(result.view_names):
        part = table[(table["view"] == view) & table["gene"].isin(genes)]
        marks.append(
            Points(
                x=part["loading"].to_numpy(),
                y=[place[gene] for gene in part["gene"]],
                low=part["lower"].to_numpy(),
                high=part["upper"].to_numpy(),
                name=view,
                style=style,
            )
        )
    measured, active = table["gene"].nunique(), table.loc[table["excludes_zero"], "gene"].nunique()
    return Figure(
        name="gene-set-card",
        question=f"Which members carry {readable(gene_set)}?",
        answer=f"On {chosen}, {active} of {count(measured, 'measured member')} (of {len(members)}) "
        f"{inflect(active, 'have')} a loading whose 95 % interval excludes 0 in some view.",
        alt=f"Loadings of {count(len(genes), 'member')} with 95 % intervals, one symbol per view; a dotted line marks "
        "0.",
        marks=(*marks, Rule(value=0.0, axis="x")),
        x=Axis(title=f"Loading on {shorten(chosen)} (fitted units)"),
        y=Axis(title="Gene", labels=labels),
        table=table,
        height=180 + 20 * max(4, len(genes)),
    )
