# The verbs for people. Each sets up all that it needs on a fresh Debian machine with Python 3.11 or newer.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python

.PHONY: test test-fast lint format

test: $(VENV)/ready ## every tier that needs no account
	FIRSTLINE_TIERS=all $(RUN) -m pytest

test-fast: $(VENV)/ready ## without the fault enumeration
	$(RUN) -m pytest -m "not faults"

lint: $(VENV)/ready ## style, types, direction of imports
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

format: $(VENV)/ready
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

$(VENV)/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[test,lint]'
	touch $@

.PHONY: local local-down
local: $(VENV)/ready ## the local stack in the background; writes .local/stack.json
	$(RUN) -m infra.local up

local-down: $(VENV)/ready
	$(RUN) -m infra.local down
