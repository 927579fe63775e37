# The commands of Peerage. Every one installs and builds what it is missing, and nothing else: what is up to date by its
# files' dates is not even looked at by cargo, so that a second `make run` starts at once.
#
#   make run      start Peerage on the embedded database (ARGS="--listen 0.0.0.0:8080" and the like are passed on)
#   make demo     the same with a fictional operator in a throwaway database
#   make build    target/release/peerage, the interface inside
#   make test     everything that must hold: format, lints, docs, tests on both databases, sizes, the browser
#   make bench    measure
#   make clean    remove what was built
#
# For working on the interface: make quick (frontend/dist from unoptimised wasm, in seconds), make budgets.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules

# where .ci/need puts a Node.js when the machine's own is too old
export PATH := $(CURDIR)/target/node/node_modules/.bin:$(PATH)

STAMPS := target/stamps
WASM := target/wasm/wasm32-unknown-unknown
WASM_TOOL := frontend/bundle/wasm-target.sh
# wasm has a target directory of its own: its compiler may be another than the native one
WASM_CARGO := CARGO_TARGET_DIR=target/wasm $(WASM_TOOL) cargo
BUNDLE := target/bundle/peerage-bundle
PEERAGE := target/release/peerage

# sources FOLDERS: their files and folders (a folder is newer when a file was added to it or removed)
sources = $(shell find $(wildcard $(1)) \( -name target -o -name node_modules -o -name dist -o -name tests -o -name benches -o -name snapshots -o -name fuzz \) -prune -o \( -type f -o -type d \) -print)
MANIFESTS := Cargo.toml Cargo.lock $(wildcard .cargo/config.toml)

SHARED_SRC := $(MANIFESTS) $(call sources,app/Cargo.toml app/src app/model)
RENDER_SRC := $(MANIFESTS) $(call sources,app/model app/render)
FRONTEND_SRC := $(SHARED_SRC) frontend/Cargo.toml frontend/build.rs $(call sources,frontend/src)
WORKER_SRC := $(RENDER_SRC) frontend/worker/Cargo.toml $(call sources,frontend/worker/src)
BUNDLE_SRC := $(MANIFESTS) frontend/bundle/Cargo.toml $(call sources,frontend/bundle/src)
PAGE_SRC := $(wildcard frontend/*.html frontend/*.css frontend/*.js frontend/*.svg) frontend/worker/worker.js $(call sources,style)
SERVER_SRC := $(SHARED_SRC) $(RENDER_SRC) $(call sources,server migrations templates)

.PHONY: help run demo build test bench clean quick budgets

help:
	@sed -n '2,/^$$/s/^# \{0,1\}//p' Makefile

run: $(PEERAGE)
	@exec $(PEERAGE) serve $(ARGS)

demo: $(PEERAGE)
	@exec $(PEERAGE) demo $(ARGS)

build: $(PEERAGE)

test:
	@exec .ci/test

bench: $(PEERAGE) $(STAMPS)/npm-end2end
	cargo bench
	@# Jinja2 itself beside us, where there is a Python
	@[ -x target/jinja2/bin/python ] || { python3 -m venv target/jinja2 && target/jinja2/bin/pip install -q jinja2==3.1.6; } || true
	cargo run --release -q -p peerage-render --example figures target/jinja2/bin/python
	@.ci/need chromium
	@cd end2end && node figures.mjs

clean:
	rm -rf target frontend/dist frontend/node_modules end2end/node_modules end2end/results

budgets: frontend/dist/manifest.json
	@$(BUNDLE) --check-budgets

# --- from sources to the binary

# A result of cargo gets the date when its build began: what was edited meanwhile is built the next time. (cargo itself
# leaves the date of a file alone that it need not rebuild.)
begin = @mkdir -p $(STAMPS) && touch $(STAMPS)/began-$(@F)
end = @touch -r $(STAMPS)/began-$(@F) $@

# rust-embed looks at the folder when the server is compiled
$(PEERAGE): $(SERVER_SRC) frontend/dist/manifest.json | $(STAMPS)/machine
	$(begin)
	cargo build --release -p peerage-server --bin peerage
	$(end)

frontend/dist/manifest.json: $(BUNDLE) $(WASM)/wasm/peerage_frontend.wasm $(WASM)/wasm-render/peerage_worker.wasm $(PAGE_SRC) $(STAMPS)/npm-frontend
	$(BUNDLE) --frontend $(WASM)/wasm/peerage_frontend.wasm --worker $(WASM)/wasm-render/peerage_worker.wasm

$(WASM)/wasm/peerage_frontend.wasm: $(FRONTEND_SRC) | $(STAMPS)/wasm-target
	$(begin)
	$(WASM_CARGO) build --profile wasm --target wasm32-unknown-unknown -p peerage-frontend
	$(end)

$(WASM)/wasm-render/peerage_worker.wasm: $(WORKER_SRC) | $(STAMPS)/wasm-target
	$(begin)
	$(WASM_CARGO) build --profile wasm-render --target wasm32-unknown-unknown -p peerage-worker
	$(end)

$(BUNDLE): $(BUNDLE_SRC) | $(STAMPS)/machine
	$(begin)
	cargo build --profile bundle -p peerage-bundle
	$(end)

# frontend/dist from the dev profile: large, but seconds after a change
quick: $(BUNDLE) $(STAMPS)/npm-frontend | $(STAMPS)/wasm-target
	$(WASM_CARGO) build --target wasm32-unknown-unknown -p peerage-frontend -p peerage-worker
	$(BUNDLE) --quick --frontend $(WASM)/debug/peerage_frontend.wasm --worker $(WASM)/debug/peerage_worker.wasm
	@touch -d @0 frontend/dist/manifest.json # the next make build is not to take this for its own

# --- what the machine must have; each stamp is made once

$(STAMPS)/machine: .ci/need
	@.ci/need compiler
	@mkdir -p $(@D) && touch $@

$(STAMPS)/wasm-target: $(WASM_TOOL) | $(STAMPS)/machine
	@$(WASM_TOOL)
	@mkdir -p $(@D) && touch $@

$(STAMPS)/npm-%: %/package.json %/package-lock.json .ci/need
	@.ci/need npm
	@echo "npm ci in $*"
	@cd $* && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@mkdir -p $(@D) && touch $@
