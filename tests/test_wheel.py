"""The package as others get it: wheel and source archive, installed away from the checkout."""

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def _run(words, **settings):
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    settings = {"env": clean, **settings}
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, **settings)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Folder with wheel and source archive."""
    folder = tmp_path_factory.mktemp("dist")
    _run([sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT])
    return folder


def test_both_hold_what_is_needed(built):
    (wheel,) = built.glob("*.whl")
    (sdist,) = built.glob("*.tar.gz")
    in_wheel = set(zipfile.ZipFile(wheel).namelist())
    schemas = {f"pathfa/_schemas/{path.name}" for path in (ROOT / "data_schemas").glob("*.json")}
    files = (path for path in (ROOT / "pathfa").rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    package = {str(path.relative_to(ROOT)) for path in files}  # modules, templates, demo gene sets
    workflow = {
        f"pathfa/_workflow/{path}" for path in ("Snakefile", "workflow/Snakefile", "workflows/rules/common.smk")
    }
    assert schemas | package | workflow <= in_wheel
    assert not [name for name in in_wheel if name.startswith(("tests", "benchmarks", "docs"))]
    with tarfile.open(sdist) as archive:
        in_sdist = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {
        "Snakefile",
        "workflow/Snakefile",
        "config/config.yaml",
        "workflows/rules/stages.smk",
        "constraints.txt",
        "data_schemas/config.schema.json",
    }
    assert wanted | package <= in_sdist


def test_the_wheel_finds_its_schemas(built, tmp_path):
    (wheel,) = built.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    _run([*pip, "--target", tmp_path / "there", wheel])
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'there')!r}); "
        "import pathfa.core.schemas as s; print(s.__file__, s.schema('config')['title'])"
    )
    said = _run([sys.executable, "-c", code], cwd=tmp_path)
    assert said.startswith(str(tmp_path))
    assert said.strip().endswith("PathFA configuration")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["*.whl", "*.tar.gz"])
def test_an_empty_environment_runs_the_demo(built, tmp_path, kind):
    (archive,) = built.glob(kind)
    venv.create(tmp_path / "env", with_pip=True)
    programs = tmp_path / "env" / "bin"
    pip = [programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "--constraint", ROOT / "constraints.txt", archive])
    _run([programs / "pathfa", "demo", "--out", "demo"], cwd=tmp_path)
    assert (tmp_path / "demo/demo/programmes/main/report.html").stat().st_size > 100_000
    assert (tmp_path / "demo/index.html").is_file()
    _run([programs / "pathfa", "doctor"], cwd=tmp_path)
    assert "_workflow" in _run([programs / "pathfa", "snakefile"], cwd=tmp_path)
