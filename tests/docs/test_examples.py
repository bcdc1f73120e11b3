"""Every public function and method says what it takes and has an example, which runs."""

import doctest
import inspect
import re
from enum import Enum
from pathlib import Path

import pytest

import pathfa as pf

PAGE = Path(__file__).parents[2] / "docs/reference/api.md"
ROOMS = {"pathfa": pf, "pathfa.analysis": pf.analysis, "pathfa.pl": pf.pl, "pathfa.errors": pf.errors}


def _public():
    """Return public classes and functions by name, each once, and their methods."""
    found = {}
    for room, module in ROOMS.items():
        for name in module.__all__:
            value = getattr(module, name)
            if inspect.isclass(value) and issubclass(value, Exception):
                continue  # raised, not made
            if (inspect.isclass(value) or callable(value)) and value not in found.values():
                found[f"{room}.{name}"] = value
                methods = inspect.getmembers(value, _is_method) if inspect.isclass(value) else []
                found |= {f"{room}.{name}.{each}": method for each, method in methods if _ours(each, method)}
    return found


def _is_method(value):
    return inspect.isfunction(value) or inspect.ismethod(value)


def _ours(name, method):
    return not name.startswith("_") and (getattr(method, "__module__", None) or "").startswith("pathfa")


PUBLIC = _public()


@pytest.fixture(scope="session")
def namespace():
    """What the page says that every example begins with."""
    names = {}
    exec(re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S).group(1), names)
    return names


@pytest.mark.filterwarnings("ignore")  # of fits as small as these
@pytest.mark.parametrize("name", PUBLIC)
def test_the_example_gives_what_it_says(name, namespace, tmp_path, monkeypatch):
    import matplotlib.pyplot as plt

    monkeypatch.chdir(tmp_path)
    (test,) = doctest.DocTestFinder(recurse=False).find(PUBLIC[name], name, globs=namespace)
    assert test.examples, "no example"
    told = []
    failed, _ = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test, out=told.append)
    plt.close("all")
    assert not failed, "".join(told)


@pytest.mark.parametrize("name", PUBLIC)
def test_every_parameter_is_described(name):
    value, text = PUBLIC[name], inspect.getdoc(PUBLIC[name]) or ""
    given = [each for each in inspect.signature(value).parameters if each not in ("self", "cls", "args", "kwargs")]
    if inspect.isclass(value) and ("\nAttributes\n" in text or issubclass(value, Enum)):
        return  # made by PathFA, not by its users
    section = re.search(r"\nParameters\n-+\n(.*?)(?=\n\n\w+\n-+\n|\Z)", text, re.S)
    described = re.findall(r"^(\S.*)$", section.group(1), re.M) if section else []
    named = {each.strip("* ") for line in described for each in line.split(",")}
    assert [each for each in given if each not in named] == []


def test_the_page_lists_every_public_name():
    listed = {f"pathfa.{name}" for name in re.findall(r"^   ([\w.]+)$", PAGE.read_text(encoding="utf-8"), re.M)}
    names = {f"{room}.{name}" for room, module in ROOMS.items() for name in module.__all__}
    kept = {
        name for name in names if not inspect.ismodule(getattr(ROOMS[name.rpartition(".")[0]], name.rpartition(".")[2]))
    }
    twice = {
        name for name in kept if name.startswith("pathfa.analysis.") and f"pathfa.{name.rpartition('.')[2]}" in kept
    }
    assert kept - twice - {"pathfa.__version__"} == listed
