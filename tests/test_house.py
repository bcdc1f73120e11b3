"""The house: imports go one way without circles, few modules at the top, no crowded folder and no long file."""

import ast
import importlib
import re
from collections import defaultdict
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

import pathfa

PACKAGE = Path(pathfa.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
FOLDERS = sorted({path.parent for path in FILES})
AT_TOP = 6
SIDE_BY_SIDE = 15
LINES = 300


def _relative(path):
    return str(path.relative_to(PACKAGE.parent))


def test_no_module_imports_itself_through_others():
    graph = grimp.build_graph("pathfa")
    TopologicalSorter({module: graph.find_modules_directly_imported_by(module) for module in graph.modules}).prepare()


def test_few_modules_stand_at_the_top():
    assert len(list(PACKAGE.glob("*.py"))) <= AT_TOP


@pytest.mark.parametrize("folder", FOLDERS, ids=_relative)
def test_no_folder_is_crowded(folder):
    assert len(list(folder.glob("*.py"))) <= SIDE_BY_SIDE


def _sections(node):
    """Return how many lines of a docstring are its sections: parameters, what is returned, errors, examples."""
    documented = ast.Module | ast.ClassDef | ast.FunctionDef
    text = (ast.get_docstring(node) or "") if isinstance(node, documented) else ""
    found = re.search(r"^\w[\w ]*\n-{3,}$", text, re.MULTILINE)
    return len(text[found.start() :].splitlines()) if found else 0


def test_no_file_is_long():
    """What is said of parameters, results and errors does not count: who documents more has not more to change."""
    lengths = {}
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        lengths[_relative(path)] = len(text.splitlines()) - sum(map(_sections, ast.walk(ast.parse(text))))
    assert {path: length for path, length in lengths.items() if length > LINES} == {}


def test_a_class_name_has_one_meaning():
    places = defaultdict(list)
    for path in FILES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(_relative(path))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


@pytest.mark.parametrize("script", sorted((PACKAGE.parent / "benchmarks").glob("*.py")), ids=_relative)
def test_scripts_import_what_there_is(script):
    for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pathfa"):
            module = importlib.import_module(node.module)
            assert [alias.name for alias in node.names if not hasattr(module, alias.name)] == []
