# `make help` lists what can be made. Everything runs in .venv, which `make install` builds.
#
#   PYTHON        the Python to build .venv with (3.11 or later)
#   TORCH_INDEX   package index for torch; see deploy/install_torch.py

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DEVELOPING := $(VENV)/.developing
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help run install develop test lint format eval eval-quick bench clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

run: $(INSTALLED)  ## read the sample if nothing was read, then Slack or the terminal chat
	@$(BIN)/chancery run

install: $(INSTALLED)  ## build .venv with what running needs

test: $(DEVELOPING)  ## run the tests
	$(BIN)/python -m pytest

lint: $(DEVELOPING)  ## ruff (lint and format) and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(DEVELOPING)  ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

eval: $(DEVELOPING)  ## measure retrieval and answers on ../shared/data (minutes)
	$(BIN)/python -m tests.evaluation

eval-quick: $(DEVELOPING)  ## the part of eval that takes a few minutes
	$(BIN)/python -m tests.evaluation --quick

bench: $(DEVELOPING)  ## measure the speed of reading and asking
	$(BIN)/python -m tests.benchmarks

clean:  ## remove .venv and caches; what was read stays
	rm -rf $(VENV) .eval-cache .mypy_cache .ruff_cache .pytest_cache build *.egg-info

develop: $(DEVELOPING)  ## build .venv with what testing needs too

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Chancery needs Python 3.11 or later; name one with make PYTHON=…" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): pyproject.toml | $(BIN)/python
	@echo "Installing into $(VENV), which takes a few minutes the first time …" >&2
	@$(BIN)/python deploy/install_torch.py
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(DEVELOPING): pyproject.toml $(INSTALLED)
	@$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@
