# All that one does with this project; `make` lists it. Needs make and Python 3.11 or newer; the rest comes from PyPI.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
# Hundreds of processes of the tests start from what the first one compiled.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
# What is installed in the virtual environment, by what decided it: demo needs no tools of development.
BASE := $(VENV)/.base
DEV := $(VENV)/.dev
RECIPE := pyproject.toml constraints.txt
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt
# More than there are processors: many tests wait for programs that they started.
WORKERS := $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) * 3 / 2)))
UV := $(BIN)/python -m uv
EXTRAS := clip frontend mcp mlflow postgres redis s3 safety tracing
# The studio's tests, and the tools that check its modules. The studio itself is not built, and needs none of them.
STUDIO := tests/studio
# Clients of other services' APIs, which the tests point at this one; without npm those tests are left out.
CLIENTS := tests/dialects/node_modules
BIOME := node_modules/.bin/biome check --log-level=error --config-path=. ../../src/comfy_gen/studio/static js ../dialects/clients
SOURCES := src tests scripts benchmarks generate.py

# The first of these that is new enough and can make a virtual environment; `make PYTHON=…` names another.
CANDIDATES := $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python3.14 python)
SUITABLE := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))

.PHONY: help
help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(BASE) ## Paint one picture; ENGINE=comfyui does it on a real ComfyUI, which it installs
	@ENGINE="$(ENGINE)" $(BIN)/python scripts/demo.py

.PHONY: test
test: $(DEV) $(CLIENTS) ## Run the test suite (ARGS="-k name" for some of it)
	@$(BIN)/python -m pytest -q -n $(WORKERS) $(ARGS)

.PHONY: live
live: $(DEV) $(CLIENTS) ## Install a real ComfyUI into .comfyui and run the tests marked live against it
	@$(BIN)/python tests/live/comfyui/install.py
	-@$(BIN)/python tests/live/ceph/install.py
	@$(BIN)/python -m pytest -q -m live -n 2 $(ARGS)

.PHONY: chaos
chaos: $(DEV) ## Have every part fail while jobs run (SEED=n repeats, ARGS="--list", ARGS="--only redis,clock")
	@$(BIN)/python -m tests.chaos $(if $(SEED),--seed $(SEED)) $(ARGS)

.PHONY: fuzz
fuzz: $(DEV) ## Send the HTTP service thousands of requests that its document allows, and others (CASES=n for each route)
	@FUZZ_CASES=$(or $(CASES),100) $(BIN)/python -m pytest -q -n 2 tests/api/test_schema.py $(ARGS)

.PHONY: check
check: lint types layers sizes studio ## Lint, types, layers, file sizes, the studio (with -k all of them even if one fails)

.PHONY: lint
lint: $(DEV)
	@$(BIN)/ruff check --quiet $(SOURCES)
	@$(BIN)/ruff format --quiet --check $(SOURCES) || { echo "some files are not formatted: make format"; exit 1; }

.PHONY: types
types: $(DEV)
	@$(BIN)/basedpyright --warnings

.PHONY: layers
layers: $(DEV)
	@said=$$($(BIN)/lint-imports 2>&1) || { echo "$$said"; exit 1; }

.PHONY: sizes
sizes: $(DEV)
	@$(BIN)/python scripts/file_sizes.py

.PHONY: studio
studio: $(DEV) $(STUDIO)/node_modules ## Lint and types of the studio's modules, against the service's own document (needs Node)
	@cd $(STUDIO) && $(BIOME)
	@$(BIN)/python scripts/studio_types.py
	@$(STUDIO)/node_modules/.bin/tsc --project $(STUDIO)

.PHONY: format
format: $(DEV) ## Format the code and mend what ruff can
	@$(BIN)/ruff check --quiet --fix-only $(SOURCES)
	@$(BIN)/ruff format --quiet $(SOURCES)
	@test ! -d $(STUDIO)/node_modules || { cd $(STUDIO) && $(BIOME) --write; }

.PHONY: coverage
coverage: $(DEV) $(CLIENTS) ## Run the test suite and show what it does not reach
	@$(BIN)/python -m pytest -q -n $(WORKERS) --cov --cov-report=term:skip-covered --cov-report=html $(ARGS)

.PHONY: bench
bench: $(DEV) ## Measure everything and write benchmarks/REPORT.md (ARGS="--quick" for a try)
	@$(BIN)/python -m benchmarks $(ARGS)

.PHONY: docs
docs: $(DEV) ## Build the documentation as a site, into site/
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

.PHONY: docs-serve
docs-serve: $(DEV) ## Show the documentation at http://127.0.0.1:8001, anew whenever a page changes
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve --dev-addr 127.0.0.1:8001

.PHONY: reference
reference: $(DEV) ## Write the pages of docs/reference anew, from the code
	@$(BIN)/python -m scripts.reference

.PHONY: mission
mission: $(DEV) ## Write docs/mission.md anew: where each item of the specification is, and what shows it
	@$(BIN)/python -m scripts.mission

.PHONY: package
package: $(DEV) ## Build the distribution and test it in environments that have nothing else, with each extra and without
	@$(BIN)/python -m pytest -q -n 2 -m packaged tests/packaging $(ARGS)

.PHONY: lowest
lowest: $(DEV) ## Run the test suite with the oldest versions of what is needed that pyproject.toml allows
	@$(call test-with,lowest-direct)

.PHONY: highest
highest: $(DEV) ## And with the newest
	@$(call test-with,highest)

.PHONY: audit
audit: $(DEV) ## Look up what is known against the pinned versions, and under which licences they are
	@$(BIN)/python scripts/licences.py
	@$(BIN)/python scripts/audit.py

.PHONY: constraints
constraints: ## Renew constraints.txt with the newest versions that pyproject.toml allows
	@rm -rf build/constraints && $(call find-python) && $$python -m venv build/constraints
	@build/constraints/bin/python -m pip install -qq --disable-pip-version-check '.[dev]'
	@sed -n '/^#/p' constraints.txt > build/constraints.txt
	@build/constraints/bin/python -m pip freeze --exclude comfygen-server | grep == >> build/constraints.txt
	@mv build/constraints.txt constraints.txt

.PHONY: clean
clean: ## Remove caches and what was built, and with ALL=1 the installed environments too
	@rm -rf build dist site htmlcov .coverage .coverage.* .pytest_cache .ruff_cache .import_linter_cache
	@find $(wildcard $(SOURCES)) -name __pycache__ -prune -exec rm -rf {} +
	@$(if $(ALL),rm -rf $(VENV) .comfyui)

define find-python
python=$$(for name in $(CANDIDATES); do \
	"$$name" -c '$(SUITABLE)' 2>/dev/null && echo "$$name" && break; \
done) || true; \
test -n "$$python" || { \
	echo "Python 3.11 or newer with venv is needed (tried: $(CANDIDATES)); name one: make PYTHON=/path/to/python3"; \
	exit 1; \
}
endef

# What is needed to run is chosen by uv; the tools of development are as pip would have them.
define test-with
mkdir -p build && \
$(UV) pip compile -q --python $(BIN)/python --resolution $(1) $(EXTRAS:%=--extra %) pyproject.toml -o build/$@.txt && \
$(UV) venv -q --clear --python $(BIN)/python build/$@ && \
$(UV) pip install -q --python build/$@ -c build/$@.txt -e '.[dev]' && \
build/$@/bin/python -m pytest -q -n $(WORKERS) -p no:cacheprovider $(ARGS)
endef

# No lock: one that is made where a registry lacks the tools for other systems cannot be installed from.
$(STUDIO)/node_modules: $(STUDIO)/package.json
	@cd $(STUDIO) && npm install --silent --no-audit --no-fund --no-package-lock
	@touch $@

# A lock serves here: none of the clients has parts for some systems alone.
$(CLIENTS): tests/dialects/package-lock.json
	@if command -v npm >/dev/null; then \
		npm ci --silent --no-audit --no-fund --ignore-scripts --prefix $(@D) && touch $@ || \
			echo "npm could not install the clients in tests/dialects: their tests are left out"; \
	fi

# A virtual environment that was moved, or whose Python is gone, is made anew.
$(VENV)/pyvenv.cfg:
	@$(call find-python); $$python -m venv --clear $(VENV)

$(BASE): $(RECIPE) | $(VENV)/pyvenv.cfg
	@echo "Installing into $(VENV) …"
	@$(PIP) -e .
	@touch $@

$(DEV): $(RECIPE) | $(VENV)/pyvenv.cfg
	@echo "Installing with the tools of development into $(VENV) …"
	@$(PIP) -e '.[dev]'
	@touch $(BASE) $@
