"""Figures: one function each, for notebooks, papers and the report.

Every function returns a :class:`Figure`: its question, a sentence that answers it, its table, and ``.plotly()`` and
``.matplotlib()`` to draw it. In a notebook it shows itself.
"""

import lazy_loader

# The public names stand in the stub beside this file; what holds a name is imported when it is first used.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
