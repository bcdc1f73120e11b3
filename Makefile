# Two commands do all the set-up: `make demo` runs the demo cohort through to its report, `make test` passes the tests.
PYTHON ?= python3
CORES ?= 2
BIN := .venv/bin

.PHONY: demo test lint clean

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[workflow,test]'
	@touch $@

demo: .venv/ready
	$(BIN)/snakemake --cores $(CORES)

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/python -m pytest -n $(CORES)

clean:
	rm -rf results .snakemake .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist
