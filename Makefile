# Two commands do everything on a fresh Debian or Ubuntu with Python 3.11 or newer, make and git:
#   make demo    a sample class, released, graded and reported (two assignments; all of them with ALL=1)
#   make test    everything that must hold before a change lands

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export PATH := $(CURDIR)/$(BIN):$(PATH)
export OMP_NUM_THREADS ?= 1

.PHONY: demo test quick setup system lint types unit verify verify-all nbval stale notebooks fingerprints generated new \
	release clean

demo: setup
	$(BIN)/python -m autograder demo $(if $(ALL),--all)

test: setup lint types stale verify unit nbval

# Two minutes: what needs neither the isolation nor much time.
quick: setup lint types
	$(BIN)/python -m pytest -q -n 2 -m "not slow and not isolation"

setup: system $(STAMP)

system:
	@$(PYTHON) autograder/tools/system_packages.py

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python autograder/tools/install.py
	touch $(STAMP)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

unit: setup
	$(BIN)/python -m pytest -n 2 --dist loadscope

verify: setup
	$(BIN)/python -m autograder verify --changed --workers 2

verify-all: setup
	$(BIN)/python -m autograder verify --workers 2

stale: setup
	$(BIN)/python -m autograder stale
	$(BIN)/python -m course_lib.tinyplays --check

nbval: setup
	$(BIN)/python -m pytest --nbval --nbval-sanitize-with solutions/sanitize.cfg -n 2 --dist loadscope solutions

notebooks: setup
	$(BIN)/python -m autograder notebooks

fingerprints: setup
	$(BIN)/python -m autograder verify --changed --write --workers 2

generated: notebooks fingerprints

# make new ASSIGNMENT=a5_training EXERCISE=warmup_lr
new: setup
	$(BIN)/python -m autograder new $(ASSIGNMENT) $(EXERCISE)

release: setup
	$(BIN)/python -m autograder release

clean:
	rm -rf $(VENV) grading dist build *.egg-info
