"""The command line starts fast: heavy libraries load when they are used."""

import subprocess
import sys

import pytest

HEAVY = (
    "torch",
    "scanpy",
    "anndata",
    "mudata",
    "pandas",
    "numpy",
    "plotly",
    "matplotlib",
    "lifelines",
    "gseapy",
    "pyro",
)


@pytest.mark.parametrize(
    "code",
    [
        "import pathfa",
        "from pathfa.cli import main; main(['--help'])",
        "from pathfa.cli import main; main(['fit', '--help'])",
        "import pathfa.config, pathfa.pipeline.commands, pathfa.pipeline.layout, pathfa.pipeline.gate",
    ],
)
def test_nothing_heavy_is_imported(code):
    code += f"\nimport sys; sys.exit(', '.join(name for name in {HEAVY} if name in sys.modules) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
