# The commands of the house. `make` alone lists them.
PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3.14 python3,$(shell command -v $(name))))
PORT ?= 8000
BIND ?= 127.0.0.1
VAR ?= var
NAME ?=

export TERRITOIRES_VAR := $(VAR)
export TERRITOIRES_PORT := $(PORT)
export TERRITOIRES_BIND := $(BIND)
# A program that is compiled once, not at each start, starts in half the time.
unexport PYTHONDONTWRITEBYTECODE

BOOTSTRAP := $(PYTHON) tools/bootstrap.py
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run install check test test-full bench format locks clean

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | awk -F'|' '{printf "  make %-10s %s\n", $$1, $$2}'

run: ## Install what is missing and start the platform (PORT=8000, VAR=var, BIND=127.0.0.1)
	@$(BOOTSTRAP) run

install: ## Install what the platform needs to run
	@$(BOOTSTRAP) install

check: ## The quick half: format, lint, types, import contracts, translations, unit tests (under 2 minutes)
	@$(BOOTSTRAP) develop
	@$(MAKE) --no-print-directory checks

QUICK := unit and not slow and not browser
.PHONY: checks format-check types unit
checks:  # on both cores: types beside the rest, then the quick tests
	@$(MAKE) --no-print-directory -j2 --output-sync types format-check
	@$(MAKE) --no-print-directory unit

types:
	$(BIN)/mypy

format-check:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/territoires messages check

unit:
	$(BIN)/pytest -n 2 -m "$(QUICK)"

test: ## Everything that CI runs, in a real browser too (under 30 minutes)
	@$(BOOTSTRAP) browser
	@$(MAKE) --no-print-directory checks
	$(BIN)/pytest -n 3 -m "not ($(QUICK))"

test-full: ## And every page in every mode (light, dark, 320 px, 200 %), an act in every look
	@$(BOOTSTRAP) browser
	@$(MAKE) --no-print-directory checks
	TERRITOIRES_TEST_FULL=1 $(BIN)/pytest -n 3 -m "not ($(QUICK))"

bench: ## Measure each promise beside a peer or a limit (NAME=journal for one)
	@$(BOOTSTRAP) develop
	@$(BIN)/python -m benchmarks $(NAME)

format: ## Put the source in its format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

LOCK := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet
locks: ## Pin the dependencies again (UPGRADE=--upgrade for newer versions)
	$(LOCK) $(UPGRADE) pyproject.toml -o requirements/base.txt
	$(LOCK) $(UPGRADE) --group build -c requirements/base.txt -o requirements/build.txt
	$(LOCK) $(UPGRADE) --group dev -c requirements/base.txt -o requirements/dev.txt
	$(LOCK) $(UPGRADE) --group bootstrap -o requirements/bootstrap.txt

clean: ## Remove what was installed and built; data in VAR stay
	rm -rf .venv frontend/node_modules src/territoires/ui/static/ui/build
