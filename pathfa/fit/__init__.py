"""From a cohort to the problem, through the fit, and back to a result; new samples."""
