# `make demo` and `make test` do all the set-up they need: Python 3.11 or later and make are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

SEEDS ?= 1000
FIRST ?= 0
JOBS ?= 2
MINUTES ?= 60
SEED ?= 1
CODES ?= 100000
REQUESTS ?= 1000000

.PHONY: demo pictures screen test simulate soak codes attacks fuzz power check lint types imports bench lock package deb machine-test sbom clean

demo: $(READY)
	$(BIN)/store-agent demo

# The manager's screen on a store whose line comes and goes; q leaves.
screen: $(READY)
	$(BIN)/store-agent demo --screen

test: $(READY)
	$(BIN)/python -m pytest -n auto --dist worksteal

# The drain and the storage under virtual time: SEEDS=100000 for a long run, SEEDS and FIRST for other seeds.
simulate: $(READY)
	$(BIN)/python -m tests.simulation --seeds $(SEEDS) --first $(FIRST) --jobs $(JOBS)

# Store days of two minutes with every fault in turn; needs root for a disk of its own. MINUTES and SEED for others.
soak: $(READY)
	$(BIN)/python -m tests.soak --minutes $(MINUTES) --seed $(SEED)

# Receipt codes by the hundred thousand while the agent is killed: unique and stable. CODES and SEED for others.
codes: $(READY)
	$(BIN)/python -m tests.codes --codes $(CODES) --seed $(SEED)

# Every attack on a real agent, as a table; pages of other origins where there is a Chromium.
attacks: $(READY)
	$(BIN)/python -m tests.attacks

# Fuzzed requests by the million: no internal error, no crash, memory flat. REQUESTS and SEED for others.
fuzz: $(READY)
	$(BIN)/python -m tests.fuzz --requests $(REQUESTS) --seed $(SEED)

# Power cuts, kills at every sync and disk errors, at many points; needs root, strace and loop devices.
power: $(READY)
	$(BIN)/python -m tests.power

# The pictures of the README, from the scenes that are kept; `$(BIN)/python -m tests.tui.record` records those anew.
pictures: $(READY)
	$(BIN)/python -m tests.tui.pictures

check: lint types imports test

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy
	$(BIN)/mypy packaging/sbom.py packaging/manpage.py

imports: $(READY)
	$(BIN)/lint-imports

# Everything that is measured, as one table at the end, as JSON and as the picture of the README; PART for one part of it.
# The queues that storage is compared with are installed for it, and a redis-server is used if the machine has one.
PART ?= all
bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks $(PART)
	$(BIN)/python -m benchmarks.plot

lock: $(READY)
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-header pyproject.toml -o requirements/run.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-header --extra printer -c requirements/run.txt pyproject.toml -o requirements/printer.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-header --extra traces -c requirements/run.txt pyproject.toml -o requirements/traces.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-header --extra dev -c requirements/run.txt pyproject.toml -o requirements/dev.txt

	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-header --extra bench -c requirements/dev.txt pyproject.toml -o requirements/bench.txt

# The wheel for stores, and beside it what it is made of (CycloneDX).
package: sbom
	$(BIN)/python -m hatchling build -t wheel -d dist

# The Debian package of the commit that is checked out. VERSION=0.0.9 for the same program under another version.
deb: $(READY)
	packaging/deb.sh $(BIN) $(VERSION)

# The package on a Debian machine that is booted for it: installed, sold with, killed, cut off, upgraded, purged, as a table.
machine-test: $(READY)
	$(MAKE) deb VERSION=0.0.9
	$(MAKE) deb
	$(BIN)/python -m tests.machine

sbom: $(READY)
	$(BIN)/python packaging/sbom.py dist/store-agent.cdx.json

$(READY): requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --only-binary=:all: -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $(READY)

$(VENV)/.bench: requirements/bench.txt $(READY)
	$(BIN)/python -m pip install --quiet --require-hashes --only-binary=:all: -r requirements/bench.txt
	touch $(VENV)/.bench

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
