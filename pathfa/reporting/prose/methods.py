"""A methods paragraph made from what was done, and the citations."""

from __future__ import annotations

from pathlib import Path

from pathfa.core.grammar import count, inflect
from pathfa.pl.wording import Certainty, listed, percent
from pathfa.reporting.study.study import Study
from pathfa.reporting.verdict.reason import Level

CITATION = (
    "Immer, A. et al. (2024). Probabilistic pathway-based multimodal factor analysis. Bioinformatics 40 (Suppl. 1), "
    "i189-i198. doi:10.1093/bioinformatics/btae216."
)
_TESTS = (
    "Associations were tested on posterior means, with effects corrected for their reliability and the false discovery "
    "rate controlled per covariate (Benjamini and Hochberg 1995). "
)
_VERDICTS = dict(zip(Certainty, Level, strict=True))


def methods(study: Study) -> str:
    """Return the paragraph."""
    result, settings, provenance = study.result, study.result.settings, study.result.provenance
    shapes = [f"{view} ({count(len(table), 'feature')})" for view, table in result.loadings.items()]
    presence = result.presence.astype(bool)
    total = result.variance_explained.loc["total"].to_dict()
    shares = [f"{percent(total[view])} of {view}" for view in result.view_names]
    asked = settings.get("parameters", {}).get("n_factors", settings.get("n_factors"))
    size = len(result.factor_names)
    chosen = "chosen by the Laplace evidence" if asked == "auto" else "given"
    packages = provenance.get("packages", {})
    tools = listed([f"{name} {packages[name]}" for name in ("torch", "numpy", "scipy") if name in packages])
    source = settings.get("gene_sets", {}).get("source", "")
    together = int(presence.all(axis=1).sum())
    weights = "not negative" if settings["sign"] == "nonnegative" else "of any sign"
    level = "around a level of its own for each factor and view, " if settings["loading_prior"] == "soft" else ""
    least = settings.get("min_set_size", 5)
    sentences = [
        f"{listed(shapes, 9)} of {count(len(presence), 'sample')} ",
        f"({together} measured in every view) were analysed together " if len(shapes) > 1 else "was analysed ",
        f"with PathFA {provenance.get('version', '')} (Immer et al. 2024), ",
        "a Bayesian factor model whose loadings have gene sets in their prior. ",
        f"Features were scaled with the option “{settings.get('scale', 'zscore')}”; ",
        "missing values were left out of the likelihood. ",
        count(len(result.gene_sets), "gene set"),
        f" ({Path(source).name})" if source and source != "None" else "",
        f" with at least {least} measured members {inflect(len(result.gene_sets), 'were')} used. ",
        f"The number of factors (K = {size}) was {chosen}; the loading prior was “{settings['loading_prior']}” ",
        f"{level}and gene-set weights were {weights}. ",
        f"The best of {count(int(settings.get('n_starts', 1)), 'start')} by log evidence was kept; ",
        f"it {'met' if result.converged else 'did not meet'} its convergence criterion ",
        f"after {count(result.n_iter, 'iteration')}. ",
        f"The factors explain {listed(shares, 9)} variance. ",
        f"The checks of the fit ended with the verdict {_VERDICTS[study.certainty]}. ",
        _TESTS if study.factor_tests is not None else "",
        f"Intervals are 95 % posterior intervals. Seed {provenance.get('seed', 'unknown')}",
        f"; {tools}." if tools else ".",
    ]
    return ("The data were simulated. " if study.simulated else "") + "".join(sentences)
