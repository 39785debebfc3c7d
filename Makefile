# Needs Python 3.11 or newer and make; everything else goes into .venv.
SHELL := /bin/bash
PORT ?= 8000
ARGS ?=
# One process more than the machine has cores: tests also wait, for servers, leases and processes.
JOBS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))
# Two at a time: each drives a Chromium of its own, which has processes of its own.
BROWSERS ?= 2
SEED ?= 1
PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3,\
	$(shell $(name) -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
	2>/dev/null && echo $(name))))
BIN := .venv/bin
# The same order and the same random numbers each time, SEED=7 for others. What Python compiled is
# kept, whatever the surroundings say: the tests start dozens of processes of the whole service.
PYTEST = env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest --dist worksteal --randomly-seed=$(SEED)
# Where properties stand: nothing else is read for them.
PROPERTIES = $(shell grep -rlw hypothesis tests --include='test_*.py')
TEMPLATES := templates sandbox/templates
RUN_STAMP := .venv/installed-to-run
DEV_STAMP := .venv/installed-to-develop

# $(call install,WHAT,WHY): pip's own words only when it fails.
define install
@echo "Installing $(2) into .venv: a minute or three, a dot a package …"
@set -o pipefail; $(BIN)/python -m pip install --disable-pip-version-check --progress-bar off \
	--constraint constraints.txt --editable '$(1)' 2>&1 | tee .venv/pip.log \
	| awk '/^ *(Collecting|Requirement)/ { printf "."; fflush() } \
		/^Installing collected/ { printf " unpacking …"; fflush() } END { print "" }' \
	|| { grep -v WARNING .venv/pip.log | tail -n 20; \
		echo "The installation failed; all of it: .venv/pip.log"; exit 1; }
@touch $@
endef

.DEFAULT_GOAL := help
.PHONY: help env docs run test browser-test property-test miniprogram miniprogram-test miniprogram-pictures bench faults spec simulate words screenshots screens sbom format clean \
	check check-format check-lint check-types check-imports check-templates

help:
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ Try it
run: $(RUN_STAMP) ## the demo on this machine, PORT=8000
	@exec $(BIN)/quxiang demo --port $(PORT) $(ARGS)

##@ Work on it
env: $(DEV_STAMP) ## .venv with everything in it
	@:
format: $(DEV_STAMP) ## put the code into its standard form
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/djlint --reformat --quiet $(TEMPLATES) || true # says 1 when it changed something

##@ Prove it
check: check-format check-lint check-types check-imports check-templates ## all that can be said without running it
check-format: $(DEV_STAMP) ## the code is in its standard form
	@$(BIN)/ruff format --check --quiet . || { echo "make format puts it right"; exit 1; }
check-lint: $(DEV_STAMP) ## ruff, every rule but those pyproject.toml names with a reason
	@$(BIN)/ruff check --quiet .
check-types: $(DEV_STAMP) ## mypy, strict, tests included
	@$(BIN)/mypy --no-error-summary
check-imports: $(DEV_STAMP) ## who may know whom
	@PYTHONPATH=. $(BIN)/lint-imports --no-logo
check-templates: $(DEV_STAMP) ## djlint
	@$(BIN)/djlint --lint --quiet $(TEMPLATES)
	@$(BIN)/djlint --check --quiet $(TEMPLATES) || { echo "make format puts it right"; exit 1; }
test: $(DEV_STAMP) ## the tests, each over one database; CI=true: all of them over both, ARGS="-k words"
	@$(PYTEST) -n $(JOBS) -m "not browser" --ignore=tests/browser $(ARGS)
browser-test: $(DEV_STAMP) ## the pages in a real Chromium
	@$(PYTEST) -n $(BROWSERS) --dist loadfile -m browser -o testpaths=tests/browser $(ARGS)
property-test: $(DEV_STAMP) ## thousands of fresh examples of each property, for some minutes
	@HYPOTHESIS_PROFILE=thorough $(PYTEST) -n $(JOBS) -m hypothesis --timeout=600 -o testpaths="$(PROPERTIES)" $(ARGS)

# What node brings is asked for once for each list of packages.
NODE_STAMP := miniprogram/node_modules/.installed
miniprogram-test: $(NODE_STAMP) ## the mini program: types, and its pages as WeChat's renderer makes them (needs node and npm)
	@cd miniprogram && npm run --silent check && npm test --silent
miniprogram-pictures: $(NODE_STAMP) ## a picture of each of its pages, into build/miniprogram-pictures
	@cd miniprogram && node test/pictures.js ../build/miniprogram-pictures

##@ Measure it
bench: $(DEV_STAMP) ## the benchmark
	@$(BIN)/python -m bench $(ARGS)
faults: $(DEV_STAMP) ## the fault suite: crashes, lost servers, late answers
	@$(BIN)/python -m faults $(ARGS)
spec: $(DEV_STAMP) ## the models of the delivery protocol, every state of them (needs Debian's spin and gcc)
	@$(BIN)/python -m spec $(ARGS)
simulate: $(DEV_STAMP) ## histories of crashes, freezes and lost answers on a simulated clock, ARGS="--seeds 2000"
	@$(BIN)/python -m simulation $(ARGS)

##@ Read it
words: $(DEV_STAMP) ## every sentence people read, with where it stands; docs/words.md anew
	@$(BIN)/python -m wording

docs: $(DEV_STAMP) ## these docs as a site, into build/docs
	@$(BIN)/sphinx-build -q -W docs build/docs

screenshots: $(DEV_STAMP) ## a picture of every page at 360 and 1280 px, into build/screenshots
	@$(BIN)/python -m tests.browser.screenshots build/screenshots
	@PICTURES=build/screenshots/arranged $(PYTEST) -q -m browser tests/browser/test_arranged_pages.py tests/browser/test_moments.py

screens: $(DEV_STAMP) ## the few pictures that docs/screens.md shows, anew; look at them before you commit them
	@$(BIN)/python -m tests.browser.kept_screens docs/screens

##@ Ship it
miniprogram: $(DEV_STAMP) ## build/miniprogram, to be uploaded: APPID=wx… ADDRESS=https://…
	@$(BIN)/python -m supply miniprogram build/miniprogram --appid "$(APPID)" --address "$(ADDRESS)"
sbom: $(DEV_STAMP) ## dist/quxiang.cdx.json: every part of others with version and licence (CycloneDX)
	@$(BIN)/python -m supply sbom dist/quxiang.cdx.json

##@ Tidy up
clean: ## remove .venv, caches and built files; the demo's data stays
	@rm -rf .venv build dist miniprogram/node_modules ./*.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis \
		.import_linter_cache .coverage htmlcov
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with its venv module is missing" \
		"(Debian: apt-get install python3 python3-venv)."; exit 1; }
	@$(PYTHON) -m venv .venv

$(NODE_STAMP): miniprogram/package.json miniprogram/package-lock.json
	@command -v npm >/dev/null || { echo "node 18 or newer and npm are missing" \
		"(Debian: apt-get install nodejs npm)."; exit 1; }
	@echo "Installing what the mini program is tested with …"
	@cd miniprogram && npm ci --no-progress --loglevel=error
	@touch $@

# by a name: a comma would end an argument of call
WITH_TOOLS := .[demo,dev,otel]

$(RUN_STAMP): pyproject.toml constraints.txt | .venv/bin/python
	$(call install,.[demo],what Quxiang needs to run)

$(DEV_STAMP): pyproject.toml constraints.txt | .venv/bin/python
	$(call install,$(WITH_TOOLS),what Quxiang needs and its tools)
	@touch $(RUN_STAMP)
