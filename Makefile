# `make app` shows the app, `make test` checks everything; `make help` lists the rest.
#
#   PYTHON=/path/to/python     the interpreter that .venv is made with; by default the first that is 3.11 or newer
#   TORCH_INDEX=https://...    a package index with another build of torch, such as PyTorch's own for CPU only
#   PORT=8600                  where the app is served; by default the first free port from 8501 on
#   WORKERS=4                  how many processes run the tests

VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
BENCHMARKS := $(sort $(basename $(notdir $(wildcard benchmarks/bench_*.py))))
WEB_TESTS := $(wildcard tests/web/*.test.mjs)

export PYTHON
.DEFAULT_GOAL := help
.PHONY: help app demo figures docs test check format bench tools

help:  ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

app: $(VENV)/.app  ## serve the app; train the demo models in the background if there are no runs yet
	AMPLIFY_VIZ_DEMO=$${AMPLIFY_VIZ_DEMO-auto} $(BIN)/streamlit run app.py $(if $(PORT),--server.port=$(PORT))

demo: $(VENV)/.app  ## train the demo models here and now
	$(BIN)/python -m training demo

figures: demo  ## make the paper's figures and tables from the runs that exist, into assets/paper
	$(BIN)/python -m amplify_viz paper

docs: $(VENV)/.dev  ## build the documentation into docs/_build
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet docs docs/_build
	@echo docs/_build/index.html

test: tools check  ## check everything, the browser's side included
	$(if $(WEB_TESTS),node --test $(WEB_TESTS))
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses=$(WORKERS)

check: $(VENV)/.dev  ## format, lint, types and import laws
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev  ## rewrite the code as `make check` wants it, where that can be done by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev  ## measure every promise about speed and size
	@failed=; \
	for name in $(BENCHMARKS); do \
		echo "== $$name"; \
		$(BIN)/python -m benchmarks.$$name || failed="$$failed $$name"; \
	done; \
	if [ -n "$$failed" ]; then echo "over their bounds:$$failed" >&2; exit 1; fi

tools: $(VENV)/.dev
	scripts/test-tools.sh $(BIN)/python

INSTALL = scripts/venv.sh $(VENV) && \
	$(BIN)/python -m pip install $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) --requirement

$(VENV)/.app: requirements.txt constraints.txt
	$(INSTALL) requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements.txt constraints.txt
	$(INSTALL) requirements-dev.txt
	@touch $(VENV)/.app $@
