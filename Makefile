# What one needs: Python 3.11 or newer with venv, make, git; for the tests also Go. Everything else is installed into .venv,
# pinned by requirements.lock, and for the emulators by a lock of their own or a go.sum.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input -c requirements.lock
PORT ?= 8000
GO ?= go
GO_PARTS := tests/emulators/gcp/parts
export PIP_NO_PYTHON_VERSION_WARNING := 1

.DEFAULT_GOAL := help
.PHONY: help dev test lint format types docs gaps bench lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

dev: $(VENV)/.local ## Run the reference app on this machine (PORT=8000), reloading on a change
	@exec $(BIN)/isthmus dev --port $(PORT)

test: $(VENV)/.dev $(VENV)/.emulators ## Run every test, with branch coverage; what was skipped is listed at the end
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -p no:cacheprovider $(ARGS) && status=0 || status=$$?; \
	  $(BIN)/coverage combine --quiet; $(BIN)/coverage report > .coverage-report.txt; grep '^TOTAL' .coverage-report.txt; \
	  echo "coverage by file: .coverage-report.txt"; exit $$status

lint: $(VENV)/.dev ## Check style and format
	@$(BIN)/ruff check .; status=$$?; $(BIN)/ruff format --check . && exit $$status

format: $(VENV)/.dev ## Format the code and sort the imports
	@$(BIN)/ruff check --fix-only --quiet . ; $(BIN)/ruff format .

types: $(VENV)/.dev ## Check types: mypy strict and pyright strict
	@$(BIN)/mypy; status=$$?; $(BIN)/pyright && exit $$status

docs: $(VENV)/.dev ## Run the code blocks of README.md and docs/
	@$(BIN)/python -m pytest -p no:cacheprovider -q tests/docs

gaps: $(VENV)/.dev ## Write the tables of docs/gaps.md anew, from the capability tables
	@$(BIN)/python -m tests.docs.gaps

bench: $(VENV)/.dev ## Print speed as ratios against peers, which get environments of their own
	@$(BIN)/python -m benchmarks

lock: $(VENV)/.dev ## Renew requirements.lock
	@$(PIP) uv
	@$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --upgrade --quiet \
	  --no-header --no-emit-index-url --no-emit-find-links --no-annotate -o requirements.lock
	@$(BIN)/uv pip compile tests/emulators/aws/requirements.in --universal --python-version 3.11 --upgrade --quiet \
	  --no-header --no-emit-index-url --no-emit-find-links --no-annotate -o tests/emulators/aws/requirements.lock

clean: ## Remove the environment, the caches and the local state
	@rm -rf $(VENV) .isthmus .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis

# Stamps: an environment is installed again only when what it is made of has changed.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Isthmus needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>/dev/null || echo not there)." >&2; \
	  echo "Install one, or name one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "This Python has no venv module. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.local: $(VENV)/.made pyproject.toml requirements.lock
	@echo "installing isthmus[local]"
	@$(PIP) -e '.[local]'
	@touch $@

$(VENV)/.dev: $(VENV)/.made pyproject.toml requirements.lock
	@echo "installing isthmus[dev]"
	@$(PIP) -e '.[dev]'
	@touch $@ $(VENV)/.local

# What tests run against: ministack in an environment of its own, for it pins libraries that the project uses in other
# versions; Google's parts built from pinned Go modules, into Go's usual caches.
$(VENV)/.emulators: $(VENV)/emulators/.ministack $(VENV)/emulators/bin/pubsub $(VENV)/emulators/bin/storage
	@touch $@

$(VENV)/emulators/.ministack: $(VENV)/.made tests/emulators/aws/requirements.lock
	@echo "installing ministack"
	@$(PYTHON) -m venv $(VENV)/emulators/ministack
	@$(VENV)/emulators/ministack/bin/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps \
	  -r tests/emulators/aws/requirements.lock
	@touch $@

.SECONDEXPANSION:
$(VENV)/emulators/bin/%: $$(wildcard $(GO_PARTS)/$$*/*) | $(VENV)/.made
	@command -v $(GO) >/dev/null || { \
	  echo "The tests build Google's emulators with Go $$(sed -n 's/^go //p' $(GO_PARTS)/$*/go.mod) or newer; '$(GO)' is not there." >&2; \
	  echo "Install it from https://go.dev/dl, or name one: make $(MAKECMDGOALS) GO=/usr/local/go/bin/go" >&2; exit 1; }
	@echo "building the $* emulator with $$($(GO) version | cut -d' ' -f3); the first time takes minutes"
	@mkdir -p $(@D)
	@cd $(GO_PARTS)/$* && $(GO) build -trimpath -buildvcs=false -o $(abspath $@) .
	@touch $@
