PYTHON ?= python3
VENV := .venv
RUN := runs/phrasebook_en_fr
DEMO := en-fr
SITE := build/docs
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
SERVING := $(VENV)/installed-serve
DEVELOPER := $(VENV)/installed-dev
DOCUMENTING := $(VENV)/installed-docs
TWO := --numprocesses 2 --dist loadfile
# The tests train the same tiny networks many times, and JAX would compile each of them anew.
JAX_CACHE := JAX_COMPILATION_CACHE_DIR=$(abspath $(VENV))/jax-cache JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS=0.2

.PHONY: quickstart demo test check format docs notebooks clean

quickstart: $(INSTALLED)  ## train English to French on the embedded phrasebook, and score it
	$(BIN)/python recipes/phrasebook_en_fr/run.py --run $(RUN)

demo: $(SERVING)  ## open a page that translates while you type, with the model that ships; DEMO=RUN serves another
	$(BIN)/seq2seq serve $(DEMO) --open

test: $(DEVELOPER)  ## the whole test suite, and once more on JAX what touches the network
	$(BIN)/python -m pytest $(TWO)
	KERAS_BACKEND=jax $(JAX_CACHE) $(BIN)/python -m pytest $(TWO) tests/layers tests/decoding tests/test_model.py tests/test_losses.py \
		tests/test_translator.py tests/engine/test_engines.py tests/engine/test_keras.py tests/training/test_resume.py tests/training/test_compiled_steps.py \
		tests/training/test_devices.py

check: $(DEVELOPER)  ## lint, format, types, import ladder
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(DEVELOPER)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(DOCUMENTING)  ## the documentation site, in build/docs/site; a warning or a dead link stops it
	$(BIN)/python docs/builder/make_site.py --output $(SITE)

notebooks: $(DEVELOPER)  ## execute the notebooks whose source has changed
	$(BIN)/python docs/builder/make_notebooks.py

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo "Python 3.11 to 3.13 is needed: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "on Debian and Ubuntu: apt install python3-venv"; exit 1; }

$(INSTALLED): setup.cfg pyproject.toml $(BIN)/pip
	@echo "installing seq2seq with TensorFlow into $(VENV), 2.1 GB: this takes some minutes, without a further word"
	@$(BIN)/python -m pip install --quiet --editable ".[cpu]"
	@touch $@

$(SERVING): setup.cfg pyproject.toml $(BIN)/pip
	@echo "installing seq2seq with its server into $(VENV), 0.3 GB: this takes a minute or two"
	@$(BIN)/python -m pip install --quiet --editable ".[serve]"
	@touch $@

$(DEVELOPER): setup.cfg pyproject.toml $(BIN)/pip
	$(BIN)/python -m pip install --quiet --editable ".[cpu,dev]"
	@touch $(INSTALLED) $(SERVING) $@

$(DOCUMENTING): setup.cfg pyproject.toml $(BIN)/pip
	$(BIN)/python -m pip install --quiet --editable ".[cpu,docs]"
	@touch $(INSTALLED) $@

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache
