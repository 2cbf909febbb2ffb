# make demo: a synthetic census with its evidence, from a fresh clone, in a minute or two.
# make demo-images: the same with handwritten digits; installs torch and diffusers.
# make test: everything installed and the whole suite.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo demo-images test lint format clean

demo: $(VENV)/.light
	$(BIN)/synthkit generate recipes/table/adult.yaml

demo-images: $(VENV)/.images
	$(BIN)/synthkit generate recipes/images/digits.yaml

test: $(VENV)/.full
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n auto --dist loadfile

lint: $(VENV)/.full
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/.full
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.light: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/.images: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[images]'
	touch $@ $(VENV)/.light

$(VENV)/.full: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[all,dev]'
	touch $@ $(VENV)/.light $(VENV)/.images

clean:
	rm -rf $(VENV) out build dist
