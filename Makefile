# Everything a person or CI runs. Only Debian's python3 (3.11 or later), python3-venv and
# make are needed to begin with.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# One more than cores: a third of the time tests wait for the programs they start.
WORKERS ?= $(shell expr $$(nproc) + 1)
ACCURACY ?= --page
SPEED ?= --millions 10

.DEFAULT_GOAL := help
.PHONY: help setup demo test slow lint check format constraints docs bench bench-dns bench-speed bench-accuracy clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:.*## /\t/' | expand -t 16

# Stamps: pip runs again only when what it would install has changed.
$(VENV)/.base: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'Headwater needs Python 3.11 or later: make PYTHON=python3.11 ...' >&2; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo 'No virtual environment could be made. On Debian: apt install python3-venv' >&2; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.base
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

setup: $(VENV)/.dev  ## make .venv with Headwater and its test tools, pinned

demo: $(VENV)/.base  ## the main job on the recorded lab captures, checked against their truth
	@$(BIN)/headwater demo

# Stealing work, not dealing it out, leaves files whole: what their tests share is made once.
test: $(VENV)/.dev  ## every test that takes seconds
	$(BIN)/pytest -q -n $(WORKERS) --dist worksteal

slow: $(VENV)/.dev  ## the tests that take minutes
	$(BIN)/pytest -q -m slow -n $(WORKERS) --dist worksteal || [ $$? = 5 ]  # 5: there are none

lint: $(VENV)/.dev  ## format, rules, types, import contracts, freshness of generated pages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PYTHONPATH=src $(BIN)/lint-imports
	$(BIN)/python tools/docs.py --check

check: lint test  ## everything a change must pass

format: $(VENV)/.dev  ## put the code in its usual form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.dev  ## make the generated pages of docs/look-up again
	$(BIN)/python tools/docs.py

constraints: $(VENV)/.base  ## pin today's versions anew, for every supported Python
	$(BIN)/pip install --quiet --disable-pip-version-check uv
	printf '%s\n' '# Made by `make constraints`: exact versions this release was tested with.' > $@.new
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras \
	  --no-emit-index-url --no-header --no-annotate pyproject.toml >> $@.new
	mv $@.new $@.txt

bench: $(VENV)/.dev  ## measure speed and accuracy, print what was found
	@for bench in benchmarks/*.py; do echo "== $$bench"; $(BIN)/python $$bench || exit 1; done
	@echo "== benchmarks/speed"; $(BIN)/python -m benchmarks.speed $(SPEED)

bench-speed: $(VENV)/.dev  ## imports, sessions and hunt beside nfdump; quickly: SPEED=--short
	@$(BIN)/python -m benchmarks.speed $(SPEED)

bench-dns: $(VENV)/.dev  ## ask our DNS server, rbldnsd, NSD and PowerDNS for the same names
	@$(BIN)/python -m benchmarks.dns

bench-accuracy: $(VENV)/.dev  ## how right the answers are; quickly: ACCURACY=--short
	@$(BIN)/python -m benchmarks.accuracy $(ACCURACY)

clean:  ## remove what was made here, the virtual environment too
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests tools benchmarks -name __pycache__ -type d -exec rm -rf {} +
