# Every target sets up what it needs; set-up is skipped while it is current.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help quick test test-all check bench docs format clean

help:  ## show the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "kdissect needs Python 3.11 or newer, this is " + sys.version.split()[0] + "; try make PYTHON=python3.11")'
	@echo "setting up $(VENV) (once; some minutes, several GB for PyTorch)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --editable . --group dev --group docs
	@touch $(READY)

quick: $(READY)  ## the main job: train, distil, dissect, report (runs/quick/report.html)
	@$(BIN)/kdissect run quick --out runs/quick

test: $(READY)  ## the tests, in minutes
	@OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 $(BIN)/pytest -n $(WORKERS) -m "not slow" $(ARGS)

test-all: $(READY)  ## all tests, the slow ones too
	@OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 $(BIN)/pytest -n $(WORKERS) $(ARGS)

check: $(READY)  ## format, lint, types, import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(READY)  ## put the code in form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(READY)  ## the benchmarks, one table each
	@for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

docs: $(READY)  ## the documentation (docs/_build/html/index.html)
	@$(BIN)/sphinx-build --fail-on-warning --quiet -b html docs docs/_build/html

clean:  ## remove the environment and all that was built
	rm -rf $(VENV) docs/_build build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
