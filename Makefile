# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
#
# All targets are commands; paths are relative, so that the checkout may lie in a directory with spaces in its name.

.DEFAULT_GOAL := help
.PHONY: help demo test soak fuzz bench screenshots build install changelog ignores clean venv-demo venv-dev venv-bench

SET_UP = sh scripts/python3.sh scripts/set_up.py
IN_VENV = .venv/bin/python scripts/environment.py
# `a b` becomes `a or b`, which pytest's -k understands.
either = $(firstword $(1))$(foreach word,$(wordlist 2,$(words $(1)),$(1)), or $(word))

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

demo: venv-demo ## Kill services on this machine and watch them healed and confirmed (3 minutes)
	@.venv/bin/python scripts/collection.py install .build/collections
	@$(IN_VENV) python demo/run.py

test: venv-dev ## Everything that CI runs (40 minutes on two cores); `make test STEPS="ruff unit"` for some of it
	@.venv/bin/python scripts/check.py $(STEPS)

soak: venv-dev ## 200 rounds of kill -9 under load (ROUNDS=N, SEED=N), and all other slow tests
	@$(IN_VENV) python -m pytest -s -m "soak or slow" --slow --soak-rounds $(or $(ROUNDS),200) --soak-seed $(or $(SEED),1) tests/e2e

fuzz: venv-dev ## The property tests with many more examples, and 200,000 broken requests (INPUTS=N, SEED=N)
	@$(IN_VENV) python -m pytest -s --timeout 0 --fuzz-inputs $(or $(INPUTS),200000) --soak-seed $(or $(SEED),1) tests/e2e/test_http_fuzz.py
	@$(IN_VENV) python -m pytest --hypothesis-profile=fuzz -m hypothesis --timeout 0 tests/unit

bench: venv-bench ## Measure against stock ansible-rulebook (20 minutes); WHAT="accept storm" for some of it
	@$(IN_VENV) python -m pytest -s --timeout 0 -o python_files=bench_*.py $(if $(WHAT),-k "$(call either,$(WHAT))") tests/benchmarks

screenshots: venv-dev ## Take the pictures of the console for docs/ anew (needs Chromium)
	@$(IN_VENV) python scripts/screenshots.py

build: venv-demo ## Build the archive for Galaxy into .build
	@.venv/bin/python scripts/collection.py build

install: venv-demo ## Build, and install for this user (COLLECTIONS=DIRECTORY for another place)
	@.venv/bin/python scripts/collection.py install $(if $(COLLECTIONS),"$(COLLECTIONS)")

changelog: venv-dev ## Turn changelogs/fragments into the entry of this version in CHANGELOG.md
	@$(IN_VENV) antsibull-changelog release --update-existing --reload-plugins

ignores: venv-dev ## Write tests/sanity/ignore-*.txt anew, after imports have changed
	@.venv/bin/python scripts/sanity_ignores.py

clean: ## Remove everything that make has created
	@rm -rf .venv .build .ansible .hypothesis .pytest_cache .ruff_cache

venv-demo:
	@$(SET_UP) demo

venv-dev:
	@$(SET_UP) dev

venv-bench:
	@$(SET_UP) bench
