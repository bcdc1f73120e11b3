"""Columns of views stay with their views when a MuData is made of them, in every version of mudata."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext


def views_apart() -> AbstractContextManager[object]:
    """Return a context in which a MuData takes no columns from its views.

    From mudata 0.4 on it does so everywhere, and the option is gone.
    """
    import mudata

    option = getattr(mudata, "set_options", None)
    return option(pull_on_update=False) if option is not None else nullcontext()
