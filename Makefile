# `make help` lists what can be made. Everything runs in .venv, which `make install` builds.
#
#   PYTHON        the Python to build .venv with (3.11 or later)
#   TORCH_INDEX   package index to take torch from; see deploy/install_torch.py
#   UPGRADE=1     with `make lock`: the newest versions that pyproject.toml allows
#
# requirements.lock holds the version of every package, direct or indirect, that was tested; they are
# what is installed. After a change of requirements in pyproject.toml: `make lock`, `make test`, and
# commit both files.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A worker has a model and a PostgreSQL server of its own: more than four gain little. Tests of one
# file share what they made and run in order, in one worker.
PYTEST := $(BIN)/python -m pytest -n logical --maxprocesses=4 --dist=loadfile --no-loadscope-reorder
INSTALLED := $(VENV)/.installed
DEVELOPING := $(VENV)/.developing
LOCK := requirements.lock
PIP_INSTALL := $(BIN)/python -m pip install --quiet --constraint $(LOCK)
# setuptools warns of every editable install; this one is meant.
EDITABLE := PYTHONWARNINGS=ignore $(PIP_INSTALL) --build-constraint $(LOCK) --editable
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help run install develop lock test lint format eval eval-quick bench torture clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

run: $(INSTALLED)  ## read the sample if nothing was read, then Slack or the terminal chat
	@$(BIN)/chancery run

install: $(INSTALLED)  ## build .venv with what running needs

test: $(DEVELOPING)  ## run the tests but for the slow ones
	@echo "About eight minutes on two cores. Left to make test-all: kills, drips, loads, PostgreSQL," \
		"and three in four of the examples that properties are tried on."
	$(PYTEST) -m "not slow"

.PHONY: test-all
test-all: $(DEVELOPING)  ## run every test, with all examples
	@echo "About twenty minutes on two cores."
	$(PYTEST) --hypothesis-profile=thorough

.PHONY: demo
demo: $(DEVELOPING)  ## the bot with a page in a browser, on the sample; no Slack workspace needed
	@$(BIN)/python -m tests.demo

lint: $(DEVELOPING)  ## ruff (lint and format), mypy, and how the code hangs together
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m tests.lint

format: $(DEVELOPING)  ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

eval: $(DEVELOPING)  ## measure retrieval and answers on ../shared/data (minutes)
	$(BIN)/python -m tests.evaluation

eval-quick: $(DEVELOPING)  ## the part of eval that takes a few minutes
	$(BIN)/python -m tests.evaluation --quick

bench: $(DEVELOPING)  ## measure the speed of reading and asking
	$(BIN)/python -m tests.benchmarks

torture: $(DEVELOPING)  ## kill reading and serving processes 300 times, and count what is lost
	$(BIN)/python -m tests.scenarios.torture

clean:  ## remove .venv and caches; what was read stays
	rm -rf $(VENV) .eval-cache .mypy_cache .ruff_cache .pytest_cache build *.egg-info

develop: $(DEVELOPING)  ## build .venv with what testing needs too

# Not from $(DEVELOPING): that cannot be installed while the lock contradicts pyproject.toml.
lock: | $(BIN)/python  ## write requirements.lock from pyproject.toml (with Python 3.11)
	@$(PIP_INSTALL) pip pip-tools
	@$(BIN)/python -m deploy.lock $(if $(UPGRADE),--upgrade)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Chancery needs Python 3.11 or later; name one with make PYTHON=…" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# pip first: the one that comes with Python may not know build constraints, and downloads torch
# merely to look at it.
$(INSTALLED): pyproject.toml $(LOCK) | $(BIN)/python
	@echo "Installing into $(VENV), which takes a few minutes the first time …" >&2
	@$(PIP_INSTALL) pip
	@$(BIN)/python -m deploy.install_torch
	@$(EDITABLE) .
	@touch $@

$(DEVELOPING): pyproject.toml $(LOCK) $(INSTALLED)
	@$(EDITABLE) '.[dev]'
	@touch $@
