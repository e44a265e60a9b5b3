# make          set up what is missing and run the default configuration
# make test     set up what is missing and run every test
# make setup    only set up .venv from the pinned requirements.lock
# make cluster  also run the quick configuration on the test cluster, undisturbed and through faults (root, SLURM)
# make docs     build the documentation in docs/_build/html, from docs/ and what it runs
# make bench    side-by-side timings against public tools, written to docs/benchmarks.md
# make lock     renew requirements.lock, docs/requirements.lock, tests/storage.lock and envs/repgeom.yaml (needs uv)

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
STORAGE := .venv/storage/.ready

.PHONY: all setup test lint unit workflow cluster docs bench lock

all: setup
	$(BIN)/snakemake --cores all

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "repgeom needs Python 3.11 or later")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $(READY)

# Aside, and seen by the tests of object storage alone: every start of snakemake loads all plugins that it finds, and
# botocore asks for an older dateutil.
$(STORAGE): tests/storage.lock $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade --target .venv/storage \
		--requirement tests/storage.lock
	touch $(STORAGE)

test: lint unit workflow

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/snakefmt --check Snakefile rules
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/snakemake --lint

unit: setup
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n auto tests/unit

workflow: setup $(STORAGE)
	$(BIN)/python -m pytest -q tests/browser
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -q -n 2 --dist loadfile tests/workflow
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -q -n 3 -m "not slow" tests/slurm

cluster: setup
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -q tests/slurm

docs: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement docs/requirements.lock
	OMP_NUM_THREADS=1 $(BIN)/python -m sphinx --builder html --fail-on-warning --keep-going docs docs/_build/html

bench: setup
	$(BIN)/python benchmarks/page.py

lock:
	uv pip compile pyproject.toml --extra test --extra slurm --universal --python-version 3.11 \
		--no-header --no-annotate --output-file requirements.lock
	uv pip compile pyproject.toml --extra docs --constraints requirements.lock --universal --python-version 3.11 \
		--no-header --no-annotate --output-file docs/requirements.lock
	grep -v '^python-dateutil' requirements.lock > tests/storage.constraints
	uv pip compile pyproject.toml --extra test --extra slurm --extra storage-test --universal --python-version 3.11 \
		--constraints tests/storage.constraints --no-header --no-annotate --quiet \
		| grep -vxFf requirements.lock > tests/storage.lock
	rm tests/storage.constraints
	{ sed '/^ *- pip:/q' envs/repgeom.yaml; \
	  uv pip compile pyproject.toml --constraints requirements.lock --universal --python-version 3.11 \
		--no-header --no-annotate --quiet | sed "s/.*/      - \"&\"/"; } > envs/repgeom.yaml.new
	mv envs/repgeom.yaml.new envs/repgeom.yaml
