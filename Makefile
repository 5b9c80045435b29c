# Every target sets up what it needs. The environment is made by venv and uv from the lock file, in $(VENV).
SHELL := /bin/bash
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
# uv does not read where pip looks for local wheels
ifndef UV_FIND_LINKS
export UV_FIND_LINKS := $(or $(PIP_FIND_LINKS),$(shell $(PYTHON) -m pip config get global.find-links 2>/dev/null))
endif

.DEFAULT_GOAL := help
.PHONY: help setup book test check pairs lint bench clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-6s  %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.ready  ## make the environment (any other target does so too)

$(VENV)/.ready: requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q uv==0.13.9
	@# compiled here once, or wherever PYTHONDONTWRITEBYTECODE is set, each kernel and worker would compile torch again
	$(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python -r requirements.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

# for processes that may not write bytecode, as where PYTHONDONTWRITEBYTECODE is set: each would compile the package again
COMPILE = $(BIN)/python -m compileall -q src

book: setup  ## run the notebooks, build the book at _build/html/index.html
	@$(COMPILE)
	$(BIN)/yardsticks book build

test: setup  ## test the package and the stored notebooks; with COVER=1 say which lines no test reaches
	@$(COMPILE)
	$(BIN)/python -m pytest tests --ignore=tests/pages -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder \
		$(if $(COVER),--cov --cov-report=term-missing:skip-covered --cov-fail-under=90)

check: book  ## build the book and test its pages: links, images, labels
	$(BIN)/python -m pytest tests/pages

pairs: setup  ## rewrite notebooks/*.ipynb from their sources, on the real data
	$(BIN)/yardsticks book pairs

lint: setup  ## check style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

bench: setup  ## time us and the plain way side by side
	@shopt -s nullglob; scripts=(benchmarks/bench_*.py); \
	(( $${#scripts[@]} )) || echo "no benchmarks yet: they will stand in benchmarks/bench_*.py"; \
	for script in "$${scripts[@]}"; do $(BIN)/python "$$script" || exit; done

clean:  ## remove what was built; the environment stays
	rm -rf _build notebooks/tables notebooks/figures .pytest_cache .ruff_cache .coverage
