"""Errors, warnings and findings, under their public name."""

from pathfa.core.errors import AlignmentError as AlignmentError
from pathfa.core.errors import ConfigError as ConfigError
from pathfa.core.errors import ConvergenceWarning as ConvergenceWarning
from pathfa.core.errors import Finding as Finding
from pathfa.core.errors import GeneSetError as GeneSetError
from pathfa.core.errors import InputError as InputError
from pathfa.core.errors import MissingInputError as MissingInputError
from pathfa.core.errors import NotFittedError as NotFittedError
from pathfa.core.errors import NotPositiveDefiniteError as NotPositiveDefiniteError
from pathfa.core.errors import OutputError as OutputError
from pathfa.core.errors import PathFAError as PathFAError
from pathfa.core.errors import PathFAWarning as PathFAWarning
from pathfa.core.errors import Severity as Severity
from pathfa.core.errors import UnitsWarning as UnitsWarning
