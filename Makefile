# `make train` and `make test` do all their own set-up: a virtual environment in .venv with the
# versions that constraints.txt pins.

PYTHON ?= python3.11
BIN := .venv/bin
# The stages call `python`.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export DVC_NO_ANALYTICS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: train test test-browser lint clean

train: .venv/ready
	$(BIN)/dvc repro

test: lint
	$(BIN)/pytest

# Drives the system's Chromium, which must be installed.
test-browser: .venv/ready
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[browser]'
	$(BIN)/pytest -m browser

lint: .venv/ready
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist pipeline/*.egg-info

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[train,serve,dev]'
	touch $@
