"""What hosts and registries read beside the package: workflows, templates, recipe, changelog."""

import hashlib
import json
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
YAML = sorted([*(ROOT / ".github").rglob("*.yml"), ROOT / ".snakemake-workflow-catalog.yml"])
WORKFLOWS = {path.stem: yaml.safe_load(path.read_text()) for path in (ROOT / ".github/workflows").glob("*.yml")}
COMMANDS = [
    step["run"]
    for flow in WORKFLOWS.values()
    for job in flow["jobs"].values()
    for step in job["steps"]
    if "run" in step
]
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))


@pytest.mark.parametrize("path", YAML, ids=lambda path: path.name)
def test_what_hosts_read_can_be_read(path):
    assert isinstance(yaml.safe_load(path.read_text()), dict)


def test_workflows_use_what_there_is():
    asked = {target for command in COMMANDS for target in re.findall(r"\bmake ([a-z]+)", command)}
    assert {"lint", "docs", "wheel"} <= asked <= TARGETS
    extras = {
        name for command in COMMANDS for names in re.findall(r"\.\[([a-z,]+)\]", command) for name in names.split(",")
    }
    assert extras
    assert extras <= set(PROJECT["optional-dependencies"])


def _measured(**met):
    """Return what coverage says of one file per room, of whose 100 lines and 100 branches some are met."""
    of_all = {"num_statements": 100, "num_branches": 100}
    files = {
        f"pathfa/{room}/below/file.py": {"summary": of_all | {"covered_lines": lines, "covered_branches": branches}}
        for room, (lines, branches) in met.items()
    }
    return json.dumps({"files": files})


@pytest.mark.parametrize(
    ("met", "below"),
    [
        ({"data": (95, 95), "inference": (100, 95), "cli": (85, 85)}, None),
        ({"data": (100, 94), "inference": (95, 95), "cli": (99, 85)}, "data"),
        ({"data": (95, 95), "inference": (94, 100), "cli": (85, 84)}, "cli, inference"),
    ],
)
def test_a_room_below_its_floor_of_coverage_stops_what_changes_are_tested_with(met, below):
    words = [sys.executable, ROOT / "tools/coverage_of_rooms.py"]
    done = subprocess.run(words, input=_measured(**met), capture_output=True, text=True, check=False)
    assert set(met) <= set(done.stdout.split())
    assert done.returncode == (below is not None)
    assert done.stderr.startswith(f"below the floor: {below};" if below else "")
    (lines,) = re.findall(r"^coverage:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.M)
    assert re.search(r"coverage json .*\| \S+ tools/coverage_of_rooms\.py$", lines, re.M)
    assert "make coverage" in COMMANDS


def test_every_python_that_is_promised_is_tested():
    promised = {line.rpartition(" ")[2] for line in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", line)}
    assert set(WORKFLOWS["ci"]["jobs"]["test"]["strategy"]["matrix"]["python"]) == promised
    lowest = min(promised, key=lambda version: tuple(map(int, version.split("."))))
    assert PROJECT["requires-python"] == f">={lowest}"


def test_a_light_installation_has_all_that_is_needed_but_what_the_table_names():
    text = (ROOT / "docs/reference/packages.md").read_text()
    table = set(re.findall(r"^\| ([a-z-]+) \|", text, re.M)) - {"package"}
    light = {
        name for line in re.findall(r"\$ pip install ([a-z].*)$", text, re.M) for name in line.split(" --")[0].split()
    }
    needed = {re.match(r"[A-Za-z0-9-]+", asked)[0] for asked in PROJECT["dependencies"]}
    assert light == needed - table
    assert needed & table == {"pyro-ppl", "scanpy", "gseapy", "lifelines", "matplotlib"}


def test_the_checklist_of_scverse_as_far_as_it_can_be_seen_here():
    readme = (ROOT / "README.md").read_text()
    assert PROJECT["license"] == "BSD-3-Clause"  # approved by the OSI
    assert {"description", "keywords"} <= set(PROJECT)  # what the entry of the list asks for, with the addresses
    assert {"Documentation", "Source"} <= set(PROJECT["urls"])
    assert {"publish"} < set(WORKFLOWS["release"]["jobs"])  # installed from a registry
    assert {"lint", "test", "docs"} < set(WORKFLOWS["ci"]["jobs"])
    assert (ROOT / "docs/reference/api.md").is_file()
    assert list((ROOT / "docs/tutorials").glob("*.ipynb"))
    assert re.search(r"^## Support\n", readme, re.M)
    assert {"anndata", "mudata"} <= {re.match(r"[A-Za-z0-9-]+", asked)[0] for asked in PROJECT["dependencies"]}


def test_the_catalogue_of_snakemake_lists_it_as_standardised():
    """The rules are those of scripts/generate-catalog.py in snakemake/snakemake-workflow-catalog."""
    readme = (ROOT / "README.md").read_text().lower()
    assert [word for word in ("snakemake", "workflow") if word not in readme] == []  # it is searched for by these
    assert (ROOT / "workflow/Snakefile").is_file()
    assert (ROOT / "config/README.md").stat().st_size > 0
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert set(usage) <= {"mandatory-flags", "software-stack-deployment", "report"}
    deployed = {name for name, true in usage["software-stack-deployment"].items() if true}
    assert deployed <= {"conda", "apptainer", "apptainer+conda"}
    rules = "".join(path.read_text() for path in (ROOT / "workflows/rules").glob("*.smk"))
    for promised, word in {"conda": "conda:", "apptainer": "container:", "report": "report("}.items():
        assert (promised in deployed or usage.get(promised, False)) == (word in rules), promised


def test_releases_need_no_password():
    publish = WORKFLOWS["release"]["jobs"]["publish"]
    assert publish["permissions"] == {"id-token": "write"}
    assert "secrets." not in (ROOT / ".github/workflows/release.yml").read_text()
    assert list(WORKFLOWS["release"][True]["push"]) == ["tags"]  # 'on' is a truth value in YAML


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md", "README.md"])
def test_pages_of_the_project_link_to_what_there_is(name):
    links = re.findall(r"\]\((?!http)([^)#]+)\)", (ROOT / name).read_text())
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_addresses_are_those_of_the_project():
    bases = tuple(PROJECT["urls"].values())
    for path in [*YAML, *ROOT.glob("*.md"), ROOT / "conda/meta.yaml"]:
        found = re.findall(r"https://(?:github\.com/pathfa|[\w.-]*pathfa[\w.-]*)[^\s)\"`]*", path.read_text())
        assert [address for address in found if not address.startswith(bases)] == []


def test_the_changelog_has_the_version_on_top_and_says_what_each_part_is():
    text = (ROOT / "CHANGELOG.md").read_text()
    versions = re.findall(r"^## (\S+?)(?:,.*)?$", text, re.M)
    assert versions[0] == __version__
    assert versions == sorted(versions, reverse=True, key=lambda version: tuple(map(int, version.split("."))))
    assert set(re.findall(r"^### (.+)$", text, re.M)) <= {
        "Added",
        "Changed",
        "Deprecated",
        "Removed",
        "Fixed",
        "Security",
    }


def test_the_recipe_takes_version_and_checksum_from_an_archive(tmp_path):
    archive, recipe = tmp_path / "pathfa-9.8.7.tar.gz", tmp_path / "meta.yaml"
    archive.write_bytes(b"archive")
    recipe.write_text((ROOT / "conda/meta.yaml").read_text())
    subprocess.run([sys.executable, ROOT / "tools/update_recipe.py", archive, recipe], check=True)
    text = recipe.read_text()
    assert 'set version = "9.8.7"' in text
    assert f"sha256: {hashlib.sha256(b'archive').hexdigest()}\n" in text
    assert re.search(r"url: https://pypi\.org/packages/source/p/pathfa/pathfa-\{\{ version \}\}\.tar\.gz", text)
