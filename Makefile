# Thoracle's commands. `make run` and `make test` do all of their own set-up; a second time is quick.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV ?= .venv
PYTEST_ARGS ?=
# Processes that run tests at once, each a file at a time; threads of their own would wait for one another.
PYTEST_PROCESSES ?= 2

PY = $(VENV)/bin/python
PIP = $(PY) -m pip install -qq --disable-pip-version-check --constraint constraints.txt
# What is installed is right as long as these two files are the ones that it was installed from.
KEY := $(shell cat pyproject.toml constraints.txt | sha256sum | cut -c1-16)
SERVING = $(VENV)/.serving-$(KEY)
EVERYTHING = $(VENV)/.everything-$(KEY)

.PHONY: help run test check format lint types contracts docs serve-smoke install-serving install constraints chromium figures messages screenshots vendor clean

help: ## Say what can be made.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 26

run: $(SERVING) ## Install the serving set (no torch), then start the web app.
	@echo "==> Starting Thoracle on http://$${THORACLE_HOST:-127.0.0.1}:$${THORACLE_PORT:-8000} (Ctrl+C stops it)"
	@exec $(VENV)/bin/thoracle serve

test: $(EVERYTHING) chromium ## Install everything, then run the whole test suite.
	@echo "==> Running the test suite"
	@OMP_NUM_THREADS=1 .ci/with-postgresql $(PY) -m pytest --numprocesses=$(PYTEST_PROCESSES) --dist=loadfile --cov --cov-fail-under=95 --durations=10 $(PYTEST_ARGS)

check: format lint types contracts docs ## The gate of every commit: format, lint, types, import contracts, docs.

format: $(EVERYTHING)
	@echo "==> Format"
	@$(VENV)/bin/ruff format --check .

lint: $(EVERYTHING)
	@echo "==> Lint"
	@$(VENV)/bin/ruff check .

types: $(EVERYTHING)
	@echo "==> Types"
	@$(VENV)/bin/mypy

contracts: $(EVERYTHING)
	@echo "==> Import contracts"
	@$(VENV)/bin/lint-imports

docs: $(EVERYTHING) ## Build the documentation into docs/_build/html; a warning is an error.
	@echo "==> Documentation"
	@$(VENV)/bin/sphinx-build --fail-on-warning --keep-going --quiet docs docs/_build/html

serve-smoke: ## Run `make run` in an environment of its own and ask it for a page.
	@$(MAKE) --no-print-directory install-serving VENV=.venv-serve
	@.venv-serve/bin/python .ci/serve_smoke.py

install-serving: $(SERVING) ## Install the serving set only.

install: $(EVERYTHING) ## Install everything.

constraints: $(EVERYTHING) ## Write constraints.txt anew from what is installed in .venv.
	@$(PY) .ci/constraints.py > constraints.txt.new
	@mv constraints.txt.new constraints.txt

chromium:
	@.ci/chromium

figures: $(EVERYTHING) ## Write the bundles' measured figures into README.md.
	@$(PY) .ci/figures.py

messages: $(EVERYTHING) ## Bring the catalogues of other languages up to date with the sentences in the code.
	@$(PY) .ci/messages.py

screenshots: $(EVERYTHING) ## Take the pictures of the documentation anew, with synthetic films.
	@$(PY) .ci/screenshots.py

vendor: $(EVERYTHING) ## Copy what pages load in a browser from npm into the package.
	@$(PY) .ci/vendor.py

clean: ## Delete what was built, but not .venv.
	@rm -rf .venv-serve .coverage htmlcov build dist docs/_build .pytest_cache .mypy_cache .ruff_cache \
		.import_linter_cache .hypothesis
	@find src tests benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} +

$(SERVING):
	@.ci/venv $(VENV)
	@echo "==> Installing the serving set into $(VENV): no torch, some 500 MB"
	@$(PIP) --editable .
	@rm -f $(VENV)/.serving-* $(VENV)/.everything-*
	@touch $@

$(EVERYTHING):
	@.ci/venv $(VENV)
	@echo "==> Installing torch into $(VENV): this takes a while the first time"
	@$(PIP) torch==2.13.0
	@echo "==> Installing everything else into $(VENV)"
	@$(PIP) --editable '.[dev]'
	@rm -f $(VENV)/.serving-* $(VENV)/.everything-*
	@touch $(SERVING) $@
