# What a person types. `make demo` and `make test` install what they need.

CARGO ?= cargo
ONLY ?= all
export CARGO_TERM_COLOR ?= auto

.PHONY: demo test lint bench catalog clean help

help:
	@echo "make demo    build sizewright and run the main job on the sample estate"
	@echo "make test    install what tests need, then lint and run them all"
	@echo "make bench   measure the figures (ONLY=main-job for one job)"
	@echo "make catalog build the embedded price catalog anew from CATALOG_SOURCES"

## Builds the program and runs the main job, offline, on a fresh machine.
demo: tools
	$(CARGO) build --release --workspace --locked
	rm -rf target/demo
	$${CARGO_TARGET_DIR:-target}/release/sizewright demo --out target/demo

## Lints and tests everything. Tests run on the release build: it is the one that ships, it is fast enough for
## millions of real rows, and the dependencies are compiled once for `demo`, `test` and `bench`.
test: test-tools lint
	$(CARGO) nextest run --workspace --release --locked --no-fail-fast
	$(CARGO) test --workspace --release --locked --doc

lint: test-tools
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

## Measures figures; see benches/.
bench: tools
	$(CARGO) build --release --workspace --locked
	@case "$(ONLY)" in \
	  all) $(CARGO) bench --locked --bench main-job --bench sizing ;; \
	  main-job|sizing) $(CARGO) bench --locked --bench $(ONLY) ;; \
	  *) echo "no figures are measured for '$(ONLY)' yet; known: main-job, sizing" >&2; exit 2 ;; \
	esac

CATALOG_SOURCES ?= ../shared/catalog
catalog:
	$(CARGO) run --locked -p sizewright-analyzer --example build-catalog -- $(CATALOG_SOURCES) analyzer/catalog/embedded.catalog

## What the build, and the tests, need beyond the Rust toolchain.
.PHONY: tools test-tools
tools:
	@sh tests/install-tools.sh
test-tools:
	@sh tests/install-tools.sh test

clean:
	$(CARGO) clean
