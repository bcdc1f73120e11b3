import inspect

import pytest

from pathfa.core.aliases import also_called


@also_called(color="colour", c="colour")
def paint(what: str, *, colour: str = "red") -> str:
    return f"{colour} {what}"


@pytest.mark.parametrize("name", ["colour", "color", "c"])
def test_every_name_of_a_keyword_does_the_same(name):
    assert paint("door", **{name: "blue"}) == "blue door"
    assert paint("door") == "red door"


def test_one_thing_has_one_value():
    with pytest.raises(TypeError, match="colour and color"):
        paint("door", colour="red", color="blue")
    with pytest.raises(TypeError, match="colour and c,"):
        paint("door", color="red", c="blue")


def test_the_signature_stays():
    assert list(inspect.signature(paint).parameters) == ["what", "colour"]
