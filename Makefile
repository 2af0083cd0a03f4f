# The verbs for people. Each sets up all that it needs on a fresh Debian machine with Python 3.11 or newer.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python

.PHONY: test test-fast lint format

# On every core, a file a time; then the faults, which fork by themselves, and those that share one stack or measure.
test: $(VENV)/browser ## every tier that needs no account
	FIRSTLINE_TIERS=all $(RUN) -m pytest --numprocesses=auto --dist=loadfile tests/unit tests/contract tests/fuzz tests/browser
	FIRSTLINE_TIERS=all $(RUN) -m pytest tests/faults tests/stack tests/bench

test-fast: $(VENV)/ready ## without the fault enumeration
	$(RUN) -m pytest -m "not faults"

lint: $(VENV)/ready ## style, types, direction of imports
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

format: $(VENV)/ready
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

# Everything from the lock, wheels only; then the project itself, built by the setuptools that the lock brought.
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check
$(VENV)/ready: pyproject.toml requirements/development.txt | $(VENV)/bin/python
	$(RUN) $(PIP_INSTALL) --no-deps --require-hashes --only-binary=:all: --requirement requirements/development.txt
	$(RUN) $(PIP_INSTALL) --no-index --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# Only the browser tests need Chromium; without the right to install it they are skipped, and say so.
$(VENV)/browser: $(VENV)/ready
	@test -x /usr/bin/chromium || { echo "Installing chromium (apt) for the browser tests"; \
	  apt-get install --yes --quiet chromium || sudo --non-interactive apt-get install --yes --quiet chromium || \
	  echo "Could not install chromium: the browser tests will be skipped. As root: apt-get install chromium"; }
	touch $@

.PHONY: bench
bench: $(VENV)/ready ## speed, calls and cost (ten minutes); prints a table, writes .local/bench.json
	$(RUN) -m tests.bench

.PHONY: local local-down
local: $(VENV)/ready ## the local stack in the background; writes .local/stack.json
	$(RUN) -m infra.local up

local-down: $(VENV)/ready
	$(RUN) -m infra.local down

.PHONY: demo
demo: $(VENV)/ready ## the story on the local stack; DEMO_EXIT=1 stops afterwards
	$(RUN) -m infra.local.demo

.PHONY: build deploy
build: | $(VENV)/bin/python ## what AWS gets: wheels for LAYER_PYTHON (3.14) on LAYER_ARCHITECTURE (arm64), whatever runs here
	PIP="$(CURDIR)/$(RUN) -m pip" sam build

deploy: build ## to your AWS account; docs/deploy.md explains the parameters
	sam deploy --guided --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND

.PHONY: lock newest
lock: $(VENV)/ready ## exact versions and hashes of all that make installs; UPGRADE=--upgrade takes the newest allowed
	$(RUN) -m infra.lock $(UPGRADE)

# Blocks nobody: it is no part of `make test`. It fails when a newer release breaks a fast test.
NEWEST := .local/venv-newest
newest: ## lint and the fast tests with the newest versions that pyproject.toml allows; says what breaks
	$(PYTHON) -m venv --clear $(NEWEST)
	$(NEWEST)/bin/python $(PIP_INSTALL) --editable '.[test,towns,lint]'
	$(NEWEST)/bin/python -m infra.newest

.PHONY: mutants
mutants: $(VENV)/ready ## puts a fault into the code, one after the other, and says which test caught it; MUTANTS="erased stale" chooses
	$(RUN) -m tests.mutants $(MUTANTS)
