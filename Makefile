# `make` shows the whole course on this machine; `make test` proves it. Both set everything up first.

VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
RUN    := $(BIN)/python -m autograder
BIND   ?= 127.0.0.1

unexport PYTHONDONTWRITEBYTECODE  # hundreds of processes would compile the autograder anew
export PATH := $(abspath $(BIN)):$(PATH)

.PHONY: all setup site pdf offline release class serve lab test check lint ruff mutants bench soak rehearsal elsewhere lock clean help
.DEFAULT_GOAL := all

all: site release  ## Everything: environment, site, exercises, a sample class, marks. Ends by saying where to look
	@$(RUN) sample lstm layers
	@$(RUN) grade; case $$? in \
	  0 | 3) ;; \
	  4) echo "Site and exercises are built; the sample class is not marked: this machine lacks what is said above.";; \
	  *) exit 1;; esac
	@echo "The site   $(CURDIR)/_build/html/index.html   (or: make serve)"

setup: $(READY)  ## The environment in .venv. With PYTHON=python3.12, say, made with that Python

# Where the Python that the environment's programs name is gone, the environment was made on another machine or elsewhere.
ifeq ($(shell test -x "$$(sed -n '1s/^..//p' $(BIN)/pip 2>/dev/null)" && echo there),)
.PHONY: $(READY)
endif

$(READY): requirements.txt constraints.txt
	@tools/environment.sh $(PYTHON)
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

offline: site  ## The site with Python in it as one zip that asks no other server, in _build/course-offline.zip
	$(BIN)/python book/_extensions/offline.py

serve: site  ## The site at http://localhost:8000
	$(BIN)/python -m http.server --directory _build/html --bind $(BIND) 8000

lab: $(READY)  ## JupyterLab, with nbgrader's menus
	$(BIN)/jupyter lab

# Two workers a core, for many wait (for a student who hangs, a page, a kernel); a file at a time or less, long ones first (tests/conftest.py). mypy goes on beside them: both must pass.
PYTEST := $(BIN)/python -m pytest -n 4 --no-loadscope-reorder --durations=10

test: $(READY) ruff  ## All tests, types and the strict build of the site; prints the slowest ten
	@$(BIN)/mypy & types=$$!; $(PYTEST) --build-site; tests=$$?; wait $$types && exit $$tests

check: $(READY) ruff  ## In under two minutes: types, and what a change most likely breaks (`quick` in pyproject.toml)
	@$(BIN)/mypy & types=$$!; $(PYTEST) --quick; tests=$$?; wait $$types && exit $$tests

lint: $(READY) ruff  ## The same, and types
	$(BIN)/mypy

ruff: $(READY)  ## Format, lint, and imports between the autograder's rooms
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo

mutants: $(READY)  ## Every right answer with one change: each of the thousands must fail its check
	$(BIN)/python -m tests.mutants

bench: site  ## Throughput against stock nbgrader, side by side, how long solutions and the site take, what pages weigh, what mistakes are told, what attacks end in: benchmarks/*.md
	$(BIN)/python -m benchmarks.throughput
	$(BIN)/python -m benchmarks.execution
	$(BIN)/python -m benchmarks.site_build
	$(BIN)/python -m benchmarks.pages
	$(BIN)/python -m benchmarks.hints
	$(BIN)/python -m benchmarks.diagnosis
	$(BIN)/python -m benchmarks.attacks

MINUTES ?= 60

soak: $(READY)  ## One judge marks a hostile class for an hour (MINUTES=60), and what grew stands in benchmarks/SOAK.md
	$(BIN)/python -m benchmarks.soak --minutes $(MINUTES)

rehearsal: $(READY)  ## A Sunday night with 200 students: collect, grade, mark by hand, report, export, regrade; benchmarks/REHEARSAL.md
	$(BIN)/python -m benchmarks.rehearsal

elsewhere:  ## All this on a bare Debian 13, as an ordinary user who can make no namespace. Needs root, debootstrap, 6 GB
	tools/elsewhere.sh

lock: $(READY)  ## Pin in constraints.txt what the direct dependencies bring along, for every Python and system
	$(BIN)/python tools/install.py lock

clean:  ## Remove what was made, but for the environment and grading/
	rm -rf _build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find autograder benchmarks book solutions tests tools -name __pycache__ -prune -exec rm -rf {} +

help:  ## This list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "%-10s %s\n", $$1, $$2 }'
