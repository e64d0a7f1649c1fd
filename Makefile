# `make` shows the whole course on this machine; `make test` proves it. Both set everything up first.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
RUN    := $(BIN)/python -m autograder

export PATH := $(abspath $(BIN)):$(PATH)
export PYTHONDONTWRITEBYTECODE := 1

.PHONY: all setup site pdf release class serve lab test check lint bench lock clean help
.DEFAULT_GOAL := all

all: class site  ## Everything: environment, site, exercises, a sample class, marks. Ends by saying where to look
	@echo "The site   $(CURDIR)/_build/html/index.html   (or: make serve)"

setup: $(READY)  ## The environment in .venv

$(READY): requirements.txt constraints.txt
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "Python's venv module is incomplete. On Debian: apt install python3-venv"; \
	  test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -yqq python3-venv && \
	  $(PYTHON) -m venv --clear $(VENV); }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -c constraints.txt
	@touch $@

site: $(READY)  ## The book as a static site in _build/html. A warning is an error
	$(BIN)/jupyter-book build . -W -n --keep-going --quiet

release: $(READY)  ## exercises/ from solutions/
	$(RUN) release --quiet

class: $(READY) release  ## A sample class in grading/, marked
	$(RUN) sample lstm layers
	$(RUN) grade || test $$? -eq 3

pdf: site  ## The book as one PDF in _build/book.pdf. Needs Chromium
	@command -v chromium >/dev/null || { echo "Chromium is missing. On Debian: apt install chromium"; exit 1; }
	$(BIN)/jupyter-book build . --builder singlehtml --quiet
	@cp _build/singlehtml/book/intro.html _build/singlehtml/book.html  # its links to _static start at the folder above
	chromium --headless --no-sandbox --disable-gpu --disable-background-networking --no-pdf-header-footer \
	  --virtual-time-budget=120000 --print-to-pdf=_build/book.pdf file://$(CURDIR)/_build/singlehtml/book.html

serve: site  ## The site at http://localhost:8000
	$(BIN)/python -m http.server --directory _build/html --bind 127.0.0.1 8000

lab: $(READY)  ## JupyterLab, with nbgrader's menus
	$(BIN)/jupyter lab

# Two workers; a file at a time or less, long ones first (tests/conftest.py). mypy goes on beside them: both must pass.
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder --durations=10

test: $(READY) ruff  ## All tests, types and the strict build of the site; prints the slowest ten
	@$(BIN)/mypy & types=$$!; $(PYTEST) --build-site; tests=$$?; wait $$types && exit $$tests

check: $(READY) ruff  ## In under two minutes: types, and what a change most likely breaks (`quick` in pyproject.toml)
	@$(BIN)/mypy & types=$$!; $(PYTEST) --quick; tests=$$?; wait $$types && exit $$tests

lint: $(READY) ruff  ## Ruff and mypy
	$(BIN)/mypy

ruff:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

bench: site  ## Throughput against stock nbgrader, side by side, how long solutions and the site take, what pages weigh: benchmarks/*.md
	$(BIN)/python -m benchmarks.throughput
	$(BIN)/python -m benchmarks.execution
	$(BIN)/python -m benchmarks.site_build
	$(BIN)/python -m benchmarks.pages

lock: $(READY)  ## Pin in constraints.txt what the direct dependencies bring along
	$(BIN)/python -m pip freeze --exclude setuptools > constraints.txt

clean:  ## Remove what was made, but for the environment and grading/
	rm -rf _build .pytest_cache .mypy_cache .ruff_cache .hypothesis

help:  ## This list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1|/' | column -t -s '|'
