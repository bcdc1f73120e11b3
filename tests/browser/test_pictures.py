"""Every figure looks on a screen as it did when it was looked at; ``make pictures`` renews what is compared."""

import pytest
from every_figure import CASES
from pictures import FOLDER, SCREEN, changed, on_screen, read, sheet


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_on_a_screen(chromium, case):
    with on_screen(chromium) as draw:
        assert changed(read(FOLDER / f"{case}-screen.png"), sheet(case, draw), SCREEN) == {}
