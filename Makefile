# Everything one does with a checkout. `make` alone lists it.

SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
# A system node that is recent enough comes first; the one in the virtual environment fills in.
WITH_NODE := scripts/with-node

RUN := $(VENV)/.parley-run
TEST := $(VENV)/.parley-test
NODE_DEV := node_modules/.parley-dev
NODE_BENCH := bench/node_modules/.parley-bench
FIREFOX_TEST := tests/browser/firefox
NODE_FIREFOX := $(FIREFOX_TEST)/node_modules/.parley-firefox
VENDOR := static/vendor/socket.io.esm.min.js
BUNDLES := static/dist/manifest.json

# The tests start this program some hundred times: it is compiled for the first only, also where
# the environment says that Python keeps nothing.
export PYTHONDONTWRITEBYTECODE :=

# Three on two cores, for they wait a third of their time; the files in the order of conftest.py.
PARALLEL := -n 3 --dist loadfile --no-loadscope-reorder
# Once more with several workers: what a person does in rooms.
CHAT_PAGES := $(addprefix tests/browser/test_,composer.py conversation.py days.py emoji.py finding.py \
	four_ways.py offline.py outage.py reading_place.py sidebar.py writing.py)
# What does not need one another, side by side; each says all of its own at its end.
BESIDE := --no-print-directory -j 2 --output-sync=target

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test test-all lint format lint-py lint-js test-js bench demo cluster setup-demo screenshots lock catalogues bundle clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: $(RUN) $(BUNDLES) ## start Parley with its own database; the address to open is printed
	@exec $(PY) -m app serve $(ARGS)

test: ## check the code and run the tests, in less than 10 minutes
	@$(MAKE) --no-print-directory setup-test
	@$(MAKE) $(BESIDE) lint test-js
	@scripts/say "Python and browser tests"
	@$(WITH_NODE) $(VENV)/bin/pytest -m "not slow" $(PARALLEL) $(ARGS)

test-all: ## the same, with the long storms and loads, and a session in Firefox
	@$(MAKE) --no-print-directory setup-test setup-firefox
	@$(MAKE) $(BESIDE) lint test-js
	@scripts/say "All Python and browser tests"
	@$(WITH_NODE) $(VENV)/bin/pytest $(ARGS)
	@scripts/say "Delivery once more, with everything led through the queues"
	@PARLEY_DIRECT_WRITES=false $(WITH_NODE) $(VENV)/bin/pytest tests/faults $(ARGS)
	@scripts/say "The pages of chat once more, with two workers"
	@PARLEY_WORKERS=2 $(WITH_NODE) $(VENV)/bin/pytest $(CHAT_PAGES) $(ARGS)

lint: lint-py lint-js ## check style and types of Python and JavaScript

lint-py: $(TEST)
	@scripts/say "Style and types of Python"
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy

lint-js: $(NODE_DEV)
	@scripts/say "Style and types of JavaScript"
	@$(WITH_NODE) node_modules/.bin/biome check --error-on-warnings
	@$(WITH_NODE) node_modules/.bin/tsc --project tsconfig.json

test-js: $(NODE_DEV)
	@scripts/say "JavaScript tests"
	@$(WITH_NODE) node --test --test-reporter=spec $$(find tests/js -name '*.test.js')

format: $(TEST) $(NODE_DEV) ## rewrite the code in the project's style
	@$(VENV)/bin/ruff check --fix --quiet . || true
	@$(VENV)/bin/ruff format .
	@$(WITH_NODE) node_modules/.bin/biome check --write

bench: setup-test ## measure Parley next to others, and write docs/BENCHMARKS.md
	@$(WITH_NODE) $(PY) -m bench --write docs/BENCHMARKS.md $(ARGS)

demo: setup-demo ## a server full of people who talk, to look at; gone when it stops
	@exec $(PY) scripts/demo.py $(ARGS)

cluster: setup-demo ## three servers, MongoDB, Redis and HAProxy on this machine, to try it out
	@for program in haproxy redis-server; do scripts/program $$program --install >/dev/null || exit 1; done
	@exec $(PY) scripts/cluster.py $(ARGS)

screenshots: setup-test ## take the pictures of the documentation again
	@$(WITH_NODE) $(PY) scripts/screenshots.py

catalogues: $(TEST) ## bring new texts of the interface into locale/*.po, to be translated
	@$(PY) scripts/update_catalogues.py

bundle: $(BUNDLES) ## put each page's scripts and sheets into one file, as `make run` does by itself

lock: $(TEST) ## choose the newest versions that fit requirements*.in and package.json
	@scripts/lock

clean: ## remove everything that make and the tests have made, except data/
	rm -rf $(VENV) node_modules bench/node_modules $(FIREFOX_TEST)/node_modules static/vendor static/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results
	find app bench tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +

setup-demo: $(TEST) $(VENDOR) $(BUNDLES)

.PHONY: setup-test
setup-test: $(TEST) $(NODE_DEV) $(NODE_BENCH) $(BUNDLES)
	@scripts/browser chromium --install >/dev/null
	@for program in haproxy nginx redis-server; do scripts/program $$program --install >/dev/null || exit 1; done

.PHONY: setup-firefox
setup-firefox: $(NODE_FIREFOX)
	@scripts/browser firefox --install >/dev/null

$(RUN): requirements.txt
	@scripts/install requirements.txt
	@touch $@

$(TEST): requirements-test.txt $(RUN)
	@scripts/install requirements-test.txt
	@touch $@

$(NODE_DEV): package.json package-lock.json | $(RUN)
	@scripts/say "Installing the JavaScript tools"
	@$(WITH_NODE) npm ci --silent
	@touch $@

$(NODE_BENCH): bench/package.json bench/package-lock.json | $(RUN)
	@scripts/say "Installing what Parley is compared with"
	@$(WITH_NODE) npm --prefix bench ci --silent
	@touch $@

$(NODE_FIREFOX): $(FIREFOX_TEST)/package.json $(FIREFOX_TEST)/package-lock.json | $(RUN)
	@scripts/say "Installing what drives Firefox"
	@$(WITH_NODE) npm --prefix $(FIREFOX_TEST) ci --silent
	@touch $@

$(VENDOR): package.json package-lock.json | $(RUN)
	@scripts/vendor $(NODE_DEV)

$(BUNDLES): $(VENDOR) scripts/bundle.js $(shell find static/js static/css -name '*.js' -o -name '*.css')
	@$(WITH_NODE) node scripts/bundle.js
