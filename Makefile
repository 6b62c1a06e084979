# One command is the whole check (`make test`), one runs the demo (`make run`). Both set up all they need.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
LOCK_DATE ?= $(shell date -u -d '14 days ago' +%Y-%m-%d)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: run test quick install lock audit format bench bench-serving bench-truth bench-probing bench-history bench-recovery clean

run: $(VENV)/run.stamp
	@exec $(BIN)/statuspage demo --host $(HOST) --port $(PORT)

test: $(VENV)/dev.stamp
	@$(BIN)/python -m tests

quick: $(VENV)/dev.stamp   ## rules and actions only: seconds
	@$(BIN)/python -m tests --quick

install: $(VENV)/dev.stamp

# The stamp is written last, so a set-up that was cut off starts again.
$(VENV)/run.stamp: requirements.lock pyproject.toml
	@echo "Setting up $(VENV) (once; about half a minute) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make run PYTHON=python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-index --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-dev.lock
	@echo "Adding the tools of the check ..."
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

COMPILE = uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-header --no-annotate --no-strip-extras --quiet --exclude-newer $(LOCK_DATE)

lock:   ## needs uv; leaves out releases younger than 14 days
	$(COMPILE) --group build -o requirements.lock
	$(COMPILE) --group dev --constraint requirements.lock -o requirements-dev.lock

audit: $(VENV)/dev.stamp   ## known vulnerabilities; needs the network, so it is not part of the test
	$(BIN)/pip-audit --require-hashes -r requirements.lock

format: $(VENV)/dev.stamp
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .

bench: bench-serving bench-truth bench-probing bench-history bench-recovery   ## figures of docs/performance.md and docs/truth.md; take your time

bench-serving: $(VENV)/dev.stamp   ## needs nginx and wrk
	$(BIN)/python -m benchmarks.serving

bench-truth: $(VENV)/dev.stamp   ## the figures of docs/truth.md
	$(BIN)/python -m benchmarks.truth

bench-probing: $(VENV)/dev.stamp   ## ten thousand targets on this machine: six minutes
	$(BIN)/python -m benchmarks.probing

bench-history: $(VENV)/dev.stamp   ## SQLite; RESULTS=26000000 for all of it (about 1 GB, minutes)
	$(BIN)/python -m benchmarks.history $(RESULTS)

bench-recovery: $(VENV)/dev.stamp   ## SQLite and PostgreSQL; ACCOUNTS=1000000 for all of it (minutes)
	$(BIN)/python -m benchmarks.recovery $(ACCOUNTS)

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .coverage
