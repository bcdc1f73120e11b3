"""From files and containers to aligned numbers; the only disk input."""

from pathfa.data.cohort import as_cohort
from pathfa.data.gene_sets import GeneSets
from pathfa.data.gmt import read_gmt
from pathfa.data.libraries import fetch_gene_sets, read_gene_sets
from pathfa.data.read import read_cohort
from pathfa.data.validate import validate
from pathfa.data.views import Cohort, View

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
