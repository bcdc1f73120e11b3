"""Whether the fit worked."""

from __future__ import annotations

import pandas as pd

from pathfa import pl
from pathfa.core.grammar import count
from pathfa.reporting.page.page import Plot, Section, Table
from pathfa.reporting.study.study import Study
from pathfa.reporting.verdict.not_run import missing
from pathfa.result.summaries import start_agreement


def build(study: Study) -> Section:
    """Return the section."""
    result, heldout = study.result, study.heldout
    close, others = start_agreement(result)
    lead = "The fit converged" if result.converged else "The fit did not converge"
    lead += f" after {count(result.n_iter, 'iteration')}"
    if others:
        lead += f", and {close} of {count(others, 'other start')} ended with an evidence as good"
    terms = pd.DataFrame({"term": list(result.evidence_terms), "nats": list(result.evidence_terms.values())})
    return Section(
        anchor="fit",
        title="Did the fit work?",
        lead=lead + ".",
        blocks=(
            Plot(figure=pl.convergence(result)),
            Plot(figure=pl.selection(result)),
            Plot(figure=pl.noise(result, certainty=study.certainty)),
            *((Plot(figure=pl.residuals(result, certainty=study.certainty)),) if result.data else ()),
            *((Plot(figure=pl.heldout(heldout, certainty=study.certainty)),) if heldout is not None else ()),
            *missing(study, "heldout", title="Does it hold for samples that the fit has not seen?"),
            Table(
                name="evidence-terms",
                title="What the log evidence is made of",
                table=terms,
                note=f"The terms add up to {result.log_evidence:,.1f} nats.",
            ),
        ),
    )
