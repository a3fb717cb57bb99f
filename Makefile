# What a person types. `make demo` and `make test` install what they need.

CARGO ?= cargo
ONLY ?= all
export CARGO_TERM_COLOR ?= auto

.PHONY: demo test lint fuzz notebooks book bench catalog clean help

help:
	@echo "make demo    build sizewright and run the main job on the sample estate"
	@echo "make test    install what tests need, then lint and run them all"
	@echo "make fuzz    fuzz the parsers of kernel text (FUZZ_SECONDS=20 each)"
	@echo "make notebooks run the notebooks on the sample estate"
	@echo "make book    build the documents as pages, in target/book"
	@echo "make bench   measure the figures (ONLY=main-job for one of: $(BENCHES))"
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
	$(MAKE) fuzz
	$(MAKE) notebooks
	$(MAKE) book

## Runs every notebook on the sample estate; the rendered pages are in target/notebooks/html.
notebooks: test-tools
	$(CARGO) build --release --workspace --locked
	sh notebooks/run.sh "$${CARGO_TARGET_DIR:-$$PWD/target}/release/sizewright" target/notebooks

## Builds the documents as pages that can be searched; a test checks their links.
book:
	@sh tests/install-tools.sh book
	mdbook build

lint: test-tools
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

## Fuzzes what reads text of remote hosts, so many seconds each of its targets.
FUZZ_SECONDS ?= 20
fuzz: test-tools
	fuzz/run.sh $(FUZZ_SECONDS)

## Measures figures; see benches/.
BENCHES := main-job collector discovery sizing autoscaling data-tier take-aways cost
bench: bench-tools
	@case " all $(BENCHES) " in *" $(ONLY) "*) ;; \
	  *) echo "no figures are measured for '$(ONLY)' yet; known: $(BENCHES)" >&2; exit 2 ;; \
	esac
	$(CARGO) build --release --workspace --locked
	$(CARGO) bench --workspace --locked $(if $(filter all,$(ONLY)),$(BENCHES:%=--bench %),--bench $(ONLY))

CATALOG_SOURCES ?= ../shared/catalog
catalog:
	$(CARGO) run --locked -p sizewright-analyzer --example build-catalog -- $(CATALOG_SOURCES) analyzer/catalog/embedded.catalog

## What the build, and the tests, need beyond the Rust toolchain.
.PHONY: tools test-tools bench-tools
tools:
	@sh tests/install-tools.sh
test-tools:
	@sh tests/install-tools.sh test
bench-tools:
	@sh tests/install-tools.sh bench

clean:
	$(CARGO) clean
