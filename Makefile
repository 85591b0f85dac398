# make serve   runs every service on this machine
# make test    runs every test that this machine can run, and says which it left out
# make help    lists the rest

PYTHON ?= python3
SERVICE ?= insights
REFERENCE ?=
PEERS ?=
BIN := .venv/bin
DOCKER ?= $(or $(WRANGLER_DOCKER_BIN),docker)
NODE := $(shell command -v npm 2>/dev/null)
# One language stands for them all: requirements/tesseract.txt names the packages.
TESSERACT = $(shell tesseract --list-langs 2>/dev/null | grep -x rus)
POPPLER = $(shell command -v pdftotext 2>/dev/null)
BROWSER = $(shell command -v chromium chromium-browser google-chrome 2>/dev/null)
NATIVE = $(addprefix src/offing/, insights/engine/lanczos.c xet/engine/unpack.c xet/engine/parents.c)
IMAGE = offing-$(SERVICE):local
# A lock names all that is installed; pip looks for nothing that pyproject.toml left out of it on purpose.
INSTALL = -m pip install --quiet --disable-pip-version-check --no-deps
LOCK = $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11

.DEFAULT_GOAL := help
.PHONY: help serve test check bench lock image docs edge deploy status tail test-edge clean
.SUFFIXES:

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

serve: .venv/serve.stamp ## Serve every service on 127.0.0.1:8787 (PORT overrides)
	@$(BIN)/offing serve

test: .venv/test.stamp $(if $(NODE),worker/node_modules/.stamp) ## Run the tests
	@$(BIN)/pytest -n auto -q
	@$(if $(NODE),cd worker && npm test --silent,echo "left out: the Worker's tests (npm is not installed)")
	@$(if $(TESSERACT),,echo "left out: reading the languages of Tesseract (apt: what requirements/tesseract.txt names)")
	@$(if $(BROWSER),,echo "left out: the console in a browser (apt: chromium)")
	@$(if $(POPPLER),,echo "left out: what pdftotext says of searchable PDFs (apt: poppler-utils)")
	@test -e src/offing/insights/engine/liblanczos.so || \
	  echo "left out: image insights' own resize (x86-64 with a C compiler; apt: gcc libc6-dev)"
	@test -e src/offing/xet/engine/libunpack.so || \
	  echo "left out: Xet's C (a C compiler; apt: gcc libc6-dev)"
	@echo "left out: the container and edge tests (they need a Docker engine: make test-edge)"

check: .venv/test.stamp $(if $(NODE),worker/node_modules/.stamp) ## Lint, types, import rules, docs, the Worker's configuration
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/offing edge check --no-images
	$(BIN)/pytest -q tests/docs
	@$(if $(NODE),cd worker && npm run --silent check,echo "left out: the Worker's check (npm is not installed)")

bench: .venv/test.stamp ## Compare with others: make bench REFERENCE=its/checkout, or SERVICE=ocr PEERS=folder
	$(BIN)/python -m bench.$(SERVICE) $(if $(REFERENCE),--reference "$(REFERENCE)") $(if $(PEERS),--peers "$(PEERS)") $(BENCH)

lock: .venv/test.stamp ## Write the lock files anew from pyproject.toml
	$(LOCK) pyproject.toml --extra all --group build -o requirements/serve.txt $(UPGRADE)
	$(LOCK) pyproject.toml --extra all --group build --group test -o requirements/test.txt $(UPGRADE)
	$(LOCK) pyproject.toml --extra insights -o requirements/insights.txt $(UPGRADE)
	$(LOCK) pyproject.toml --extra ocr -o requirements/ocr.txt $(UPGRADE)
	$(LOCK) pyproject.toml --extra xet -o requirements/xet.txt $(UPGRADE)
	$(LOCK) --group build -o requirements/build.txt $(UPGRADE)
	$(BIN)/python -m offing.ocr.engine.debian_packages > requirements/tesseract.txt

image: ## Build a service's container image: make image SERVICE=insights
	$(DOCKER) build --build-arg SERVICE=$(SERVICE) -t $(IMAGE) .

edge: worker/node_modules/.stamp ## Run the Worker and its containers here (needs Docker)
	cd worker && npm run dev

docs: .venv/serve.stamp ## Write the pages that describe the services, for the Worker to serve
	$(BIN)/offing edge docs

deploy: .venv/serve.stamp worker/node_modules/.stamp ## Deploy to Cloudflare: make deploy, or make deploy SERVICES="ocr xet"
	@$(BIN)/offing edge deploy

status: .venv/serve.stamp worker/node_modules/.stamp ## Say what is deployed: versions, containers, images, secrets
	@$(BIN)/offing edge status

tail: worker/node_modules/.stamp ## Show the deployed Worker's log as it is written
	@cd worker && npm run --silent tail

test-edge: .venv/test.stamp worker/node_modules/.stamp ## Run the tests of containers and edge (needs Docker)
	$(BIN)/pytest -q tests/e2e --e2e

clean: ## Remove what the other targets made
	rm -rf .venv worker/node_modules worker/dist .mypy_cache .ruff_cache .import_linter_cache

.venv/python.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …"; exit 1; }
	@echo "Setting up .venv (once)"
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/serve.stamp: .venv/python.stamp requirements/serve.txt pyproject.toml hatch_build.py $(NATIVE)
	@$(BIN)/python $(INSTALL) --require-hashes -r requirements/serve.txt
	@$(BIN)/python $(INSTALL) --no-build-isolation -e .
	@touch $@

.venv/test.stamp: .venv/serve.stamp requirements/test.txt
	@$(BIN)/python $(INSTALL) --require-hashes -r requirements/test.txt
	@touch $@

worker/node_modules/.stamp: worker/package-lock.json
	@cd worker && npm ci --loglevel=error --no-audit --no-fund
	@touch $@
