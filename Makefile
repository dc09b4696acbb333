PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
DEVELOPER := $(VENV)/installed-dev

.PHONY: quickstart test check format clean

quickstart: $(INSTALLED)  ## train English to French on the embedded phrasebook, and score it
	$(BIN)/python recipes/phrasebook_en_fr/run.py

test: $(DEVELOPER)  ## the whole test suite, and once more on JAX what touches the network
	$(BIN)/python -m pytest
	KERAS_BACKEND=jax $(BIN)/python -m pytest tests/layers tests/decoding tests/test_model.py tests/test_losses.py \
		tests/test_translator.py tests/training/test_resume.py

check: $(DEVELOPER)  ## lint, format, types, import ladder
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(DEVELOPER)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(VENV):
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): setup.cfg pyproject.toml | $(VENV)
	$(BIN)/python -m pip install --quiet --editable ".[cpu]"
	touch $@

$(DEVELOPER): setup.cfg pyproject.toml | $(VENV)
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	touch $@ $(INSTALLED)

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache
