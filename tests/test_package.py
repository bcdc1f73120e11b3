"""What is shipped, and that pins and lists agree wherever they stand."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from pathfa._version import __version__

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CONSTRAINTS = {
    name.lower(): version
    for name, version in (line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if line)
}
MODULES = {
    "lazy_loader": "lazy-loader",
    "markupsafe": "jinja2",  # which gives its strings out
    "pyro": "pyro-ppl",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}
CONDA_NAMES = {"torch": "pytorch", "matplotlib": "matplotlib-base"}


def _split(requirement):
    return re.match(r"([A-Za-z0-9-]+)(?:\[\w+\])?\s*(.*)", requirement).groups()


DEPENDENCIES = dict(_split(item) for item in PROJECT["dependencies"])


def test_everything_that_is_needed_has_a_tested_version():
    wanted = [*PROJECT["dependencies"]]
    for name in ("workflow", "test", "docs"):
        wanted += PROJECT["optional-dependencies"][name]
    assert [name for name, _ in map(_split, wanted) if name.lower() not in CONSTRAINTS] == []


def test_only_what_is_asked_for_is_imported():
    """A package that another one brings today may be gone tomorrow, and with it the command."""
    asked = {_split(item)[0] for item in PROJECT["dependencies"]}
    asked |= {_split(item)[0] for extra in PROJECT["optional-dependencies"].values() for item in extra}
    imported = set()
    for path in (ROOT / "pathfa").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                imported.add(node.module.partition(".")[0])
    others = {MODULES.get(name, name) for name in imported - {"pathfa"} - set(sys.stdlib_module_names)}
    assert others - asked == set()


def test_the_job_environment_is_pinned_to_the_tested_versions():
    environment = yaml.safe_load((ROOT / "workflows/envs/pathfa.yaml").read_text())
    *packages, pip = environment["dependencies"]
    pins = dict(item.split(" =") for item in packages if " =" in item)
    assert pins.pop("python") == "3.11"
    assert pins == {CONDA_NAMES.get(name, name): CONSTRAINTS[name.lower()] for name in DEPENDENCIES}
    assert pip == {"pip": [f"pathfa =={__version__}"]}


def test_the_conda_recipe_asks_for_what_the_package_asks_for():
    text = (ROOT / "conda/meta.yaml").read_text()
    assert re.search(r'set version = "(.+)"', text).group(1) == __version__
    run = text.split("  run:\n")[1].split("\n\n")[0]
    asked = dict(line.strip().removeprefix("- ").split(" ", 1) for line in run.splitlines())
    assert asked.pop("python") == PROJECT["requires-python"]
    assert asked == {CONDA_NAMES.get(name, name): version for name, version in DEPENDENCIES.items()}


def test_the_image_installs_the_tested_versions_of_what_it_copies():
    text = (ROOT / "Dockerfile").read_text()
    assert "--constraint /opt/pathfa/constraints.txt" in text
    python = re.search(r"FROM python:(\S+)-slim", text).group(1)
    assert PROJECT["requires-python"] == f">={python}"
    sources = [word for line in re.findall(r"^COPY (.+) \S+$", text, re.M) for word in line.split()]
    assert [name for name in sources if not (ROOT / name).exists()] == []
    assert set(re.findall(r"pathfa:(\d\S+)", text)) == {__version__}


def test_the_job_in_a_cloud_runs_what_the_image_holds():
    folder = ROOT / "workflows/profiles/kubernetes"
    (container,) = yaml.safe_load((folder / "job.yaml").read_text())["spec"]["template"]["spec"]["containers"]
    assert container["image"].endswith(f"/pathfa:{__version__}")
    options = dict(word.removeprefix("--").split("=", 1) for word in container["args"])
    assert options["cores"] == container["resources"]["limits"]["cpu"]
    inside = [path.removeprefix("/opt/pathfa/") for path in options.values() if path.startswith("/opt/pathfa/")]
    assert len(inside) == 2
    assert [path for path in inside if not (ROOT / path).exists()] == []
    copied = re.findall(r"^COPY (.+) \S+$", (ROOT / "Dockerfile").read_text(), re.M)
    assert {path.split("/")[0] for path in inside} <= {word for line in copied for word in line.split()}


def test_the_version_is_the_same_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == __version__
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_hooks_run_what_make_lint_runs():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    programs = {hook["entry"].split()[0].rpartition("/")[2] for hook in hooks}
    lint = (ROOT / "Makefile").read_text().split("\nlint:")[1].split("\n\n")[0]
    assert programs == set(re.findall(r"\$\(BIN\)/(\S+)", lint))


@pytest.mark.parametrize(
    "link", re.findall(r"\]\((?!http)([^)#]+)\)", (ROOT / "README.md").read_text()) or ["README.md"]
)
def test_links_of_the_readme_lead_somewhere(link):
    assert (ROOT / link).exists()


def test_without_docstrings_the_reason_is_said() -> None:
    code = "import pathfa\nprint(pathfa.__version__)\npathfa.PathFA"
    found = subprocess.run([sys.executable, "-OO", "-c", code], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout.strip()) == (1, __version__)
    assert found.stderr.strip().endswith("start Python with -O, or without, in place of -OO")
