"""Draw every public figure of the demo cohort, as a page of the documents: ``make gallery``.

python docs/images/gallery.py docs/user/gallery.md
"""

from __future__ import annotations

import inspect
import sys
import warnings
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path

from PIL import Image

import pathfa as pf
from pathfa import pl
from pathfa.pl.figure import Figure
from pathfa.simulation.demo import simulate_demo

COHORTS = ("North", "South", "West")
HEAD = """# Gallery

Every figure of `pathfa.pl`, of three simulated cohorts. Each has its question as title, its answer in words
(`.answer`) and its numbers as a table (`.table`), and is drawn by `.plotly()` for a screen and by `.matplotlib()` for
paper, as here. `make gallery` draws this page anew.
"""
_WIDTH, _DPI, _COLOURS = 6.0, 80, 256


def figures() -> dict[str, tuple[str, Callable[[], Figure]]]:
    """Return the figures by name, with the words that make each."""
    cohorts = {name: simulate_demo(seed=seed) for seed, name in enumerate(COHORTS)}
    fits = {
        name: pf.PathFA(n_starts=2, max_factors=6, progress=False).fit(drawn.mdata, drawn.gene_sets)
        for name, drawn in cohorts.items()
    }
    model, drawn = fits["North"], cohorts["North"]
    obs = model.result_.obs
    names = ["subtype", "stage", "immune_phenotype", "ki67_percent", "age", "batch"]
    tests = {name: pf.associate(fit, names) for name, fit in fits.items()}
    views = {name: pf.concordance(fit) for name, fit in fits.items()}
    checks = pf.run_checks(model, drawn.mdata, which=["heldout", "uninformed"], folds=3, progress=False).tables
    gene_set, gene = "T_CELLS", "CD8A"
    made: dict[str, tuple[str, Callable[[], Figure]]] = {
        "activity": (
            "model, covariates=obs",
            partial(pl.activity, model, covariates=obs[["subtype", "stage", "ki67_percent"]]),
        ),
        "agreement": (
            "pf.meta_analysis(concordances), concordances",
            partial(pl.agreement, pf.meta_analysis(views), views),
        ),
        "associations": ("pf.associate(model, obs)", partial(pl.associations, tests["North"], technical=["batch"])),
        "concordance": ("pf.concordance(model)", partial(pl.concordance, views["North"])),
        "factor": ('model, "F1"', partial(pl.factor, model, "F1", most=10)),
        "gene": (f'model, "{gene}"', partial(pl.gene, model, gene)),
        "gene_set_card": (f'model, "{gene_set}"', partial(pl.gene_set_card, model, gene_set)),
        "heldout": ('checks.tables["heldout"]', partial(pl.heldout, checks["heldout"])),
        "ranks": ('checks.tables["heldout"]', partial(pl.ranks, checks["heldout"])),
        "replicated": (
            "pf.meta_analysis(associations)",
            partial(pl.replicated, pf.meta_analysis(tests), technical=["batch"]),
        ),
        "sample_activity": ("model, sample", partial(pl.sample_activity, model, model.activity_.index[0])),
        "samples": ('model, colour="ki67_percent"', partial(pl.samples, model, colour="ki67_percent")),
        "spread": ("spreads", partial(pl.spread, {name: fit.activity_.std().to_dict() for name, fit in fits.items()})),
        "survival": (
            "pf.survival(model, time, event)",
            lambda: pl.survival(pf.survival(model, "survival_time", "survival_event")),
        ),
        "survival_curves": (
            f'pf.km_groups(model, "{gene_set}", time, event)',
            lambda: pl.survival_curves(pf.km_groups(model, gene_set, "survival_time", "survival_event"), unit="months"),
        ),
        "uninformed": ('checks.tables["uninformed"]', partial(pl.uninformed, checks["uninformed"])),
    }
    every = [name for name in pl.__all__ if inspect.isfunction(getattr(pl, name))]
    return {name: made.get(name, ("model", partial(getattr(pl, name), model))) for name in sorted(every)}


def main(page: Path) -> None:
    """Write the page and its pictures."""
    folder = page.parents[1] / "images/gallery"
    folder.mkdir(parents=True, exist_ok=True)
    parts = [HEAD]
    for name, (words, make) in figures().items():
        figure, file = make(), BytesIO()
        if figure.is_empty:
            continue  # such as identifiers, which this cohort has no need to translate
        figure.matplotlib(_WIDTH).savefig(file, dpi=_DPI)
        Image.open(file).convert("RGB").quantize(_COLOURS).save(folder / f"{name}.png", optimize=True)
        call, picture = f"`pf.pl.{name}({words})`", f"![{figure.alt}](../images/gallery/{name}.png)"
        parts.append("\n\n".join((f"## {figure.question}", call, picture, f"{figure.answer}\n")))
    page.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(Path(sys.argv[1]))
