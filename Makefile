# The one entry: `make help` lists what there is. Every target installs and builds what it needs
# first, shows what it does, and reuses what an earlier run has made.

SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
JOBS ?= $(shell nproc)
VENV := .venv
PRESET ?= release
BINARY := $(CURDIR)/build/$(PRESET)/apitoolkit
STAMPS := build/stamps
say = @printf '\033[1m== %s\033[0m\n' "$(1)"

# types.ts is made from wire/api.json, by the build and by the checks.
DASHBOARD_SOURCES := $(shell find dashboard/src -type f -not -name types.ts 2>/dev/null) wire/api.json \
  $(wildcard dashboard/*.json dashboard/*.mjs dashboard/*.html)
CORE_SOURCES := $(shell find src include cmake -type f 2>/dev/null) CMakeLists.txt
PACKAGE_SOURCES := $(shell find python/ext python/src -type f -not -name '*.pyc' 2>/dev/null) pyproject.toml

.PHONY: help setup build dashboard package server test test-cpp test-python test-e2e test-compat test-durability test-dashboard \
  wheel test-wheel matrix asan ubsan tsan valgrind fuzz check \
  bench bench-redaction bench-scrub bench-capture bench-ingest bench-query bench-dashboard bench-soak demo screenshots clean

help: ## list the targets
	@grep -hE '^[a-z -]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

setup: $(STAMPS)/setup ## install everything the project needs (Debian 12, Ubuntu 24.04)

$(STAMPS)/setup: tools/setup.sh python/requirements-dev.txt dashboard/package-lock.json
	$(call say,setup)
	@PYTHON=$(PYTHON) tools/setup.sh
	@mkdir -p $(@D) && touch $@

dashboard: $(STAMPS)/dashboard

$(STAMPS)/dashboard: $(STAMPS)/setup $(DASHBOARD_SOURCES)
	$(call say,dashboard)
	@cd dashboard && npm run --silent build
	@touch $@

build/$(PRESET)/build.ninja: $(STAMPS)/setup CMakePresets.json
	$(call say,configure $(PRESET))
	@cmake --preset $(PRESET)

build: $(STAMPS)/dashboard build/$(PRESET)/build.ninja $(STAMPS)/package ## the binary build/release/apitoolkit, the dashboard in it, and the Python package in .venv
	$(call say,build $(PRESET))
	@cmake --build build/$(PRESET) -j $(JOBS)

package: $(STAMPS)/package

$(STAMPS)/package: $(STAMPS)/setup $(CORE_SOURCES) $(PACKAGE_SOURCES)
	$(call say,apitoolkit_flask into $(VENV))
	@$(VENV)/bin/pip install --quiet --no-build-isolation --no-deps --force-reinstall -C build-dir=build/python .
	@touch $@

test: build test-cpp test-python test-e2e test-dashboard ## build, then every test

test-cpp: build
	$(call say,C++ tests)
	@ctest --preset $(PRESET) -j $(JOBS)

test-python: package
	$(call say,Python tests)
	@$(VENV)/bin/python -m pytest python/tests -q

test-e2e: build
	$(call say,end-to-end tests)
	@APITOOLKIT_BINARY=$(BINARY) $(VENV)/bin/python -m pytest tests/e2e -q

test-durability: server ## kill -9 at DURABILITY_KILLS (100) random moments under full load, about 6 minutes
	$(call say,durability)
	@APITOOLKIT_BINARY=$(BINARY) DURABILITY_KILLS=$(or $(DURABILITY_KILLS),100) \
	  $(VENV)/bin/python -m pytest tests/e2e/test_durability.py -q

test-compat: build ## clients that nobody here wrote, from PyPI and npm, which it installs into build/compat
	$(call say,real clients)
	@$(VENV)/bin/python -m tests.compat.environments
	@APITOOLKIT_BINARY=$(BINARY) $(VENV)/bin/python -m pytest tests/compat -q

test-dashboard: $(STAMPS)/dashboard
	$(call say,dashboard tests in Chromium)
	@cd dashboard && npm test --silent

wheel: $(STAMPS)/setup ## a wheel for PYTHON in build/wheels, with all it needs linked in
	$(call say,wheel)
	@PYTHON=$(PYTHON) tools/wheel.sh

test-wheel: wheel server ## the wheel in an empty environment without a compiler
	$(call say,tests of the wheel)
	@APITOOLKIT_BINARY=$(BINARY) APITOOLKIT_WHEEL_PYTHON=$(PYTHON) \
	  APITOOLKIT_WHEEL=$$(ls build/wheels/*-$$($(PYTHON) -c 'import sys; print("cp%d%d" % sys.version_info[:2])')-*.whl) \
	  $(VENV)/bin/python -m pytest tests/wheel -q

matrix: $(STAMPS)/setup server ## wheels and their tests for every Python that is here, lowest and newest Flask; PYTHONS="3.9 3.13"
	$(call say,matrix)
	@APITOOLKIT_BINARY=$(BINARY) $(VENV)/bin/python tools/matrix.py $(PYTHONS)

asan ubsan tsan: $(STAMPS)/dashboard ## the C++ tests under a sanitizer
	@cmake --preset $@ && cmake --build build/$@ -j $(JOBS) && ctest --preset $@ -j $(JOBS)

valgrind: build/release/build.ninja ## what reads the hostile bytes, under valgrind
	@command -v valgrind >/dev/null || { echo "valgrind is not installed: apt-get install valgrind"; exit 1; }
	@cmake --build build/release -j $(JOBS) --target json_test jsonpath_test redact_test wire_test
	@for floor in json jsonpath redact wire; do \
	  valgrind --quiet --error-exitcode=9 --suppressions=tools/valgrind.supp build/release/src/$$floor/$${floor}_test --gtest_brief=1 || exit 1; done

fuzz: $(STAMPS)/setup ## build the fuzz targets and run each for FUZZ_SECONDS (60)
	@tools/fuzz.sh

check: $(STAMPS)/dashboard build/release/build.ninja $(STAMPS)/package ## format, lint, types, layers, licences
	$(call say,check)
	@tools/check.sh

bench: bench-redaction bench-scrub bench-capture ## every benchmark; results in build/bench/

build/bench/build.ninja: $(STAMPS)/setup CMakePresets.json
	@cmake --preset bench

bench-redaction: build/bench/build.ninja ## the redaction engine beside memcpy and simdjson
	@cmake --build build/bench -j $(JOBS) --target redaction_bench
	@build/bench/bench/redaction_bench --out build/bench/redaction.json

bench-scrub: build/bench/build.ninja ## the value scrubber beside memchr
	@cmake --build build/bench -j $(JOBS) --target scrub_bench
	@build/bench/bench/scrub_bench --benchmark_out=build/bench/scrub.json

bench-capture: wheel ## what recording costs a request, beside bare Flask and the peers
	@command -v wrk >/dev/null || { echo "wrk is not installed: apt-get install wrk"; exit 1; }
	@$(VENV)/bin/python bench/capture/run.py

bench-ingest: server ## how fast the server takes exchanges in; BENCH_SECONDS=30 a case, under 20 minutes in all
	@APITOOLKIT_BINARY=$(BINARY) $(VENV)/bin/python -m bench.ingest.run

bench-query: server ## questions over 1 and 10 million exchanges, under 15 minutes; BENCH_COUNT=200000 takes so many
	@APITOOLKIT_BINARY=$(BINARY) $(VENV)/bin/python -m bench.query.run

bench-dashboard: server ## the pages over 1 million exchanges, from click to pixels in Chromium; BENCH_COUNT=100000 takes so many
	@APITOOLKIT_BINARY=$(BINARY) $(VENV)/bin/python -m bench.dashboard.run

bench-soak: server ## the server's memory under full load for SOAK_SECONDS (600)
	@APITOOLKIT_BINARY=$(BINARY) $(VENV)/bin/python -m bench.ingest.run --soak $(or $(SOAK_SECONDS),600)

# Without the tests, so that the first five minutes are not spent on compiling them.
server: $(STAMPS)/dashboard build/$(PRESET)/build.ninja
	$(call say,build the server)
	@cmake --build build/$(PRESET) -j $(JOBS) --target apitoolkit

demo: server package ## a server, a shop, traffic, and the dashboard; DEMO_SECONDS=30 ends by itself
	@APITOOLKIT_BINARY=$(BINARY) $(VENV)/bin/python examples/demo/run.py

screenshots: build ## pictures of every page into build/screenshots, and those that the README shows
	@APITOOLKIT_BINARY=$(BINARY) tools/screenshots.sh

clean: ## remove what was built (not .venv)
	rm -rf build dashboard/dist
