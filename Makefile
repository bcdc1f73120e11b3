# Two commands do everything: `make demo` runs the demo cohort through to its report, `make test` passes the tests.
# Both make the environment first if it is not there.
PYTHON ?= python3
CORES ?= 2
BIN := $(CURDIR)/.venv/bin

.PHONY: demo test lint slow coverage docs wheel schema formats pictures gallery image clean

# What the workflow needs; the tools of the tests come on top when they are wanted.
.venv/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; try: make PYTHON=python3.11")'
	@echo "Making the environment in .venv (a few minutes, once) ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[workflow]'
	@touch $@

.venv/tools: .venv/ready
	@echo "Adding the tools of the tests and documents ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[workflow,test,docs]'
	@touch $@

demo: .venv/ready
	@echo "Running the demo cohort, 60 simulated patients (about a minute) ..."
	@$(BIN)/snakemake --cores $(CORES) --quiet all
	@echo
	@echo "Report of the demo cohort:  $(CURDIR)/results/demo/programmes/main/report.html"
	@echo "All results:                $(CURDIR)/results/index.html"
	@echo "Open them in a browser; no network is needed."

lint: .venv/tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/snakefmt --check Snakefile workflow workflows

test: lint
	$(BIN)/python -m pytest -n $(CORES) --dist worksteal

slow: lint
	$(BIN)/python -m pytest -n $(CORES) -m ''

# The default tests, what they do not meet, and how much of every room they meet: tools/coverage_of_rooms.py holds the floors.
coverage: .venv/tools
	$(BIN)/python -m pytest -n $(CORES) --dist worksteal --cov --cov-report=
	$(BIN)/python -m coverage report
	$(BIN)/python -m coverage json --quiet -o - | $(BIN)/python tools/coverage_of_rooms.py

# What is published: wheel and source archive in dist/, with what the index refuses.
wheel: .venv/tools
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[release]'
	rm -rf dist
	$(BIN)/validate-pyproject pyproject.toml
	$(BIN)/python -m build
	$(BIN)/twine check --strict dist/*

# The documents as a site, from what stands in docs/ and in the program; no network is needed.
docs: .venv/tools
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html
	@echo "Open docs/_build/html/index.html in a browser."

# After a change of the options of a fit.
schema: .venv/ready
	$(BIN)/python tools/update_schema.py data_schemas/config.schema.json

# After a change of pathfa/data/io/presets.yaml.
formats: .venv/ready
	$(BIN)/python tools/update_formats.py docs/reference/formats.md

# After a change of how figures look: look at them first (gallery), then renew what the tests compare them with.
pictures: .venv/tools
	PYTHONPATH=$(CURDIR)/tests $(BIN)/python tests/pictures.py

# Every figure of the demo cohort, as a page of the documents.
gallery: .venv/tools
	$(BIN)/python docs/images/gallery.py docs/user/gallery.md

image:
	docker build --tag pathfa:$$($(PYTHON) -c 'exec(open("pathfa/_version.py").read()); print(__version__)') .

clean:
	rm -rf results .snakemake .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist docs/_build docs/reference/made docs/reference/api
