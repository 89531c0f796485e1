# Every target makes the environment that it needs in .venv first, from the lock files, and remakes it when they change.
# GNU make and a POSIX shell; nothing else is assumed but a Python from 3.11 to 3.14 with venv.

VENV := .venv
BIN := $(VENV)/bin
PIP = $(BIN)/python -m pip -qq --disable-pip-version-check
PYTHON ?=
PYTHONS := $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11)
UV_VERSION := 0.13.9

CHECKED := backlinkbot tests hatch_build.py $(wildcard benchmarks)
PYTEST = PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

# Three workers and hundreds of commands would otherwise each compile what the others have compiled.
unexport PYTHONDONTWRITEBYTECODE

# Single quotes around each word: URLs hold & ? % and ;, and $(value) keeps make from reading their $.
quote = '$(subst ','\'',$(1))'
quoted = $(foreach word,$(1),$(call quote,$(word)))
options = $(foreach word,$(2),$(1) $(call quote,$(word)))

OUT ?= out/backlinks.csv
STARTS = $(value SEEDS)$(value CANDIDATES)
HALF_A_QUESTION = $(if $(value TARGETS),,$(if $(STARTS),SEEDS or CANDIDATES without TARGETS: links to whom?))
HISTORY ?= $(dir $(OUT))backlinks.db
SAY_CHANGES := $(if $(wildcard $(HISTORY)),$(BIN)/backlinkbot changes --history '$(HISTORY)',\
	echo 'Run it again another day, and it says what has changed')
REPORT = $(basename $(OUT)).html
# First from a name alone; then, from seeds, everything that is planted.
NAMED = $(dir $(OUT))named.csv
NAMED_COMMAND = $(BIN)/python -m tests.fakeweb demo -- $(BIN)/backlinkbot discover target.example \
	--contact https://example.com/bot -o '$(NAMED)' --history '' --delay 0
CRAWL_COMMAND = $(BIN)/backlinkbot discover $(call quoted,$(value TARGETS)) $(call options,--seed,$(value SEEDS)) \
	$(call options,--candidates,$(value CANDIDATES)) -o '$(OUT)' --history '$(HISTORY)'
DEMO_COMMAND = $(BIN)/python -m tests.fakeweb demo $(if $(LATER),demo/_later) -- $(BIN)/backlinkbot discover \
	@demo/targets.txt --seed @demo/seeds.txt --candidates demo/candidates.txt -o '$(OUT)' --history '$(HISTORY)' \
	--max-pages-per-domain 100 --delay 0 -s BACKLINKBOT_WAIT_MAX=0 --summary '$(basename $(OUT)).summary.json'

.DELETE_ON_ERROR:
.PHONY: help crawl crawl-words test test-all conformance fuzz bench oracle docs pictures check format lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo '  make crawl TARGETS="example.com" [SEEDS="https://a.example https://b.example"]'
	@echo '             [CANDIDATES=pages.csv] [OUT=out/backlinks.csv] [ARGS="--max-pages 500"]'
	@echo '  make crawl LATER=yes   the demonstration web some time later: what has changed?'
	@echo '  make test  [ARGS="-k targets"]'

crawl: crawl-words $(VENV)/.run ## find backlinks: to TARGETS from SEEDS and CANDIDATES, or in the demonstration web
	@mkdir -p '$(dir $(OUT))'
	$(if $(value TARGETS),,$(NAMED_COMMAND))
	@$(if $(value TARGETS),,$(BIN)/backlinkbot show '$(NAMED)' --columns source_url,anchor,follow,claimed_by)
	$(if $(value TARGETS),$(CRAWL_COMMAND),$(DEMO_COMMAND)) $(ARGS)
	@$(BIN)/backlinkbot show '$(OUT)'
	@echo 'These rows lie in $(OUT)'
	@$(SAY_CHANGES)
	@$(BIN)/backlinkbot report --history '$(HISTORY)' -o '$(REPORT)'
	@echo 'The report is $(REPORT)'

# Before anything is installed: half a question would otherwise crawl the demonstration and look like an answer.
crawl-words:
	@$(if $(HALF_A_QUESTION),echo 'make crawl: $(HALF_A_QUESTION) Say for example:' >&2; \
		echo '  make crawl TARGETS="example.com" SEEDS="https://a.example https://b.example"' >&2; exit 2,:)

test: $(VENV)/.dev ## run the tests that are not slow, property tests with a fifth of their examples; ARGS goes to pytest
	$(PYTEST) -m 'not slow and not conformance' --hypothesis-profile quick $(ARGS)

test-all: $(VENV)/.dev ## run all tests; ARGS="-m 'slow or hypothesis'" for those that `make test` leaves out or shortens
	$(PYTEST) $(ARGS)

conformance: $(VENV)/.dev ## the whole of the published vectors and real pages, where `make test` takes a fast part
	BACKLINKBOT_CONFORMANCE=all $(PYTEST) -m conformance $(ARGS)

oracle: $(VENV)/.dev ## every real page's links, as Chromium sees them and as we do; ARGS="--sample 500" for some
	$(BIN)/python -m tests.oracle $(ARGS)

fuzz: $(VENV)/.dev ## generated and real pages: does the prefilter hide a link? Then property tests with new examples
	$(BIN)/python -m benchmarks.fuzz_prefilter --cases 1000000
	$(BIN)/python -m benchmarks.fuzz_prefilter --pages
	$(PYTEST) -m 'hypothesis and not slow' --hypothesis-profile explore $(ARGS)

bench: $(VENV)/.bench ## what pages and crawls cost beside other tools, in twenty minutes; ARGS=--quick for a rough look, --guard for five ratios
	$(BIN)/python -m benchmarks $(ARGS)

docs: $(VENV)/.dev ## the documentation site, in build/docs; a warning fails
	$(BIN)/sphinx-build -q -W --keep-going -b html docs build/docs
	@echo 'The documentation is build/docs/index.html'

pictures: $(VENV)/.dev ## the pictures of README.md, from real runs in the demonstration web
	$(BIN)/python -m tests.pictures

check: $(VENV)/.dev ## format, lint, types and the direction of imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(CHECKED)
	$(BIN)/lint-imports

format: $(VENV)/.dev ## mend what `make check` can mend by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# dev.lock is the whole; the others take their versions from it, so that they never disagree.
lock: $(VENV)/.made ## remake the lock files from pyproject.toml; ARGS=--upgrade for the newest versions
	@echo 'Locking with uv $(UV_VERSION), from a throw-away environment'
	@tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && \
	$(BIN)/python -m venv "$$tools" && \
	"$$tools/bin/python" -m pip -qq --disable-pip-version-check install 'uv==$(UV_VERSION)' && \
	compile() { "$$tools/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --no-header "$$@"; } && \
	compile $(ARGS) --all-extras --group dev pyproject.toml -o requirements/dev.lock && \
	compile -c requirements/dev.lock --extra report pyproject.toml -o requirements/run.lock && \
	compile -c requirements/dev.lock --extra report --extra postgresql --extra parquet --extra excel --extra browser --extra speed --extra web --extra notify \
		pyproject.toml -o requirements/container.lock && \
	compile -c requirements/dev.lock --group build -o requirements/build.lock && \
	compile -c requirements/dev.lock --group bench -o requirements/bench.lock && \
	"$$tools/bin/python" -c 'import tomllib; \
	print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["speed"], sep="\n")' | \
	compile -c requirements/dev.lock - -o requirements/speed.lock

clean: ## remove the environment, the caches and what was built; rows in out/ stay
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the environment ----------------------------------------------------------------------------------------------

$(VENV)/.made:
	@found=; bare=; \
	for python in $(PYTHONS); do \
		"$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null || continue; \
		if "$$python" -c 'import ensurepip, venv' 2>/dev/null; then found=$$python; break; fi; \
		bare=$$python; \
	done; \
	if [ -n "$$found" ]; then :; elif [ -n "$$bare" ]; then \
		echo "$$bare has no venv of its own: install it (Debian, Ubuntu: apt-get install python3-venv)" >&2; exit 2; \
	else \
		echo 'No Python from 3.11 to 3.14 among: $(PYTHONS). Name one: make PYTHON=/path/to/python' >&2; exit 2; \
	fi; \
	echo "Making $(VENV) with $$("$$found" --version) ($$found)"; \
	"$$found" -m venv --clear $(VENV)
	@touch $@

# The accelerators are optional, so a machine without a ready-made build of them still crawls.
$(VENV)/.run: $(VENV)/.made pyproject.toml requirements/run.lock requirements/speed.lock requirements/build.lock
	@echo 'Installing what a crawl needs into $(VENV), pinned by requirements/run.lock (a minute, once)'
	@$(PIP) install --require-hashes -r requirements/run.lock -r requirements/build.lock
	@$(PIP) install --require-hashes --only-binary :all: -r requirements/speed.lock \
		|| echo 'Going on without the optional accelerators of requirements/speed.lock'
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

# dev.lock holds all the others, so a crawl after this installs nothing more.
$(VENV)/.dev: $(VENV)/.made pyproject.toml $(wildcard requirements/*.lock)
	@echo 'Installing what development needs into $(VENV), pinned by requirements/dev.lock (a few minutes, once)'
	@$(PIP) install --require-hashes -r requirements/dev.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $(VENV)/.run $@

# Other people's crawlers, which only the benchmarks run; they agree with dev.lock about what both need.
$(VENV)/.bench: $(VENV)/.dev requirements/bench.lock
	@echo 'Installing the crawlers to compare with into $(VENV), pinned by requirements/bench.lock'
	@$(PIP) install --require-hashes -r requirements/bench.lock
	@touch $@
