"""``python -m pathfa``."""

import sys

from pathfa.cli import main

sys.exit(main())
