# The few commands of the project. Each calls the same thing that `commons ...` or a tool does; `make help` lists them.

PYTHON ?= python3
TORCH_VERSION := 2.13.0
TORCH ?= torch==$(TORCH_VERSION)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-input
PYTEST := $(BIN)/python -m pytest -n 2
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header

.DEFAULT_GOAL := help
.PHONY: help install run test lint bench lock

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: .venv/.installed ## Create .venv and install what the lock file names

run: install ## Set up what is missing and serve on http://127.0.0.1:8000 (PORT changes it)
	@exec $(BIN)/commons run

lint: .venv/.installed-dev ## Style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint ## Everything that must pass: lint, then the tests on SQLite and on PostgreSQL
	$(PYTEST)
	TEST_DATABASE=postgresql $(PYTEST)

bench: .venv/.installed-dev ## Measure speed and match quality; print a table and write JSON
	$(BIN)/python -m bench

lock: .venv/.created ## Choose versions anew and write both lock files
	@$(PIP) uv
	$(LOCK) --extra ml --extra pg --output-file requirements.lock
	$(LOCK) --extra ml --extra pg --extra dev --output-file requirements-dev.lock

# Stamps: a step is done again only when what it depends on is newer than its stamp.

.venv/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=...")'
	@echo "Creating .venv"
	@$(PYTHON) -m venv .venv
	@$(PIP) --upgrade pip
	@touch $@

.venv/.torch: .venv/.created
	@$(BIN)/python -c 'from importlib.metadata import version; assert version("torch").split("+")[0] == "$(TORCH_VERSION)"' 2>/dev/null || { \
		echo "Installing $(TORCH) (1 to 10 minutes the first time)"; $(PIP) "$(TORCH)"; }
	@touch $@

.venv/.locked: requirements.lock .venv/.torch
	@echo "Installing the packages of requirements.lock (about 2 minutes the first time)"
	@$(PIP) --no-deps --require-hashes -r requirements.lock
	@touch $@

.venv/.installed: pyproject.toml .venv/.locked
	@echo "Installing the Commons"
	@$(PIP) --no-deps --editable .
	@touch $@

.venv/.installed-dev: requirements-dev.lock .venv/.installed
	@echo "Installing the packages of requirements-dev.lock (about 1 minute the first time)"
	@$(PIP) --no-deps --require-hashes -r requirements-dev.lock
	@touch $@
