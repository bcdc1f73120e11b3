"""From files and containers to aligned numbers; the only disk input."""

from pathfa.data.cohort.align import as_cohort
from pathfa.data.cohort.read import read_cohort
from pathfa.data.cohort.views import Cohort, View
from pathfa.data.gene_sets.collection import GeneSets
from pathfa.data.gene_sets.gmt import read_gmt
from pathfa.data.gene_sets.libraries import fetch_gene_sets, read_gene_sets
from pathfa.data.validation.validate import validate

__all__ = [
    "Cohort",
    "GeneSets",
    "View",
    "as_cohort",
    "fetch_gene_sets",
    "read_cohort",
    "read_gene_sets",
    "read_gmt",
    "validate",
]
