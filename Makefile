# The two commands: `make demo` and `make test`. Both install what they need on a fresh Debian machine with Rust, Node 20 and root.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# rsigma 0.26 declares Rust 1.96 and builds and works on 1.95; on a newer toolchain the flag does nothing.
CARGO_FLAGS := --locked --ignore-rust-version
BIN := target/debug/bailiwick

.PHONY: help demo test web lint deny gen check release fuzz setup-build setup-test

help: ## Say what there is.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: web ## Build and start the demo; prints where to look.
	@echo "== building (cold: up to 20 minutes on 2 cores, then seconds)"
	cargo build $(CARGO_FLAGS) --bin bailiwick
	@exec $(BIN) demo $(DEMO)

test: ## Run every test.
	@scripts/test

web: setup-build web/dist/.built ## Build the pages.

web/dist/.built: $(shell find web/src web/*.html web/*.json web/*.ts -type f 2>/dev/null)
	@echo "== building the pages"
	cd web && npm ci --no-audit --no-fund && npm run build
	touch $@

setup-build:
	@scripts/setup build

setup-test:
	@scripts/setup test

lint: ## Format, clippy, types and style of the pages.
	cargo clippy $(CARGO_FLAGS) --workspace --all-targets -- -D warnings
	cd web && npm run lint && npm run typecheck

deny: ## Licences, bans and sources of dependencies.
	@command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
	cargo deny check licenses bans sources

gen: ## Write every generated file: OpenAPI documents, typed client, golden tables.
	cargo build $(CARGO_FLAGS) --bin bailiwick
	$(BIN) openapi console > docs/openapi/console.json
	$(BIN) openapi node > docs/openapi/node.json
	cd web && npm run gen
	UPDATE_GOLDEN=1 cargo nextest run $(CARGO_FLAGS) --workspace -E 'test(golden)'

release: web ## Build the release binary.
	cargo build $(CARGO_FLAGS) --release --bin bailiwick

fuzz: ## Run each fuzz target for a while (SECONDS_EACH=20), guided by coverage.
	@scripts/fuzz $${SECONDS_EACH:-20}
