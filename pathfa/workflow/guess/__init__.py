"""A configuration guessed from the files of a cohort."""

from pathfa.workflow.guess.config import guess_config

__all__ = ["guess_config"]
