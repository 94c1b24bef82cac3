# The front door. `make run` and `make test` need python3 (>= 3.11) with pip, and a package index; nothing else.
PYTHON ?= python3
export PYTHON
COMPILE = .tools/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --exclude-newer "1 week" \
	--generate-hashes --no-emit-index-url --no-header

.PHONY: help setup run test deploy lock clean
help:    ## show this list
	@sed -n 's/^\([a-z]*\): .*## /  make \1\t/p' $(MAKEFILE_LIST)

setup: .venv/.dev  ## everything needed to work on the code, in .venv

run: .venv/.run  ## the engine with an embedded NATS server, a SQLite journal and the paper venue
	@.venv/bin/petrosa run $(ARGS)

test: .venv/.dev  ## lint, types, architecture, then every test
	@.venv/bin/nox; house=$$?; \
	.venv/bin/pytest $(ARGS); tests=$$?; \
	[ $$house -eq 0 ] || echo "make test: lint, types or architecture failed, see above the tests" >&2; \
	exit $$((house || tests))

deploy:  ## apply deploy/ to a cluster
	@echo "make deploy needs kubectl, a cluster and the manifests in deploy/; the manifests do not exist yet." >&2; exit 1

lock: .tools/bin/uv  ## refresh requirements/*.lock from pyproject.toml (hashed, for every platform, naming no index)
	@echo uv | $(COMPILE) - -o requirements/tools.lock
	@$(COMPILE) pyproject.toml --extra all --group build -o requirements/run.lock
	@$(COMPILE) pyproject.toml --extra all --group build --group dev -c requirements/run.lock -o requirements/dev.lock

clean:   ## remove what the other targets made (not .petrosa, where journals live)
	rm -rf .venv .tools .nox .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .coverage* htmlcov mutants dist

# The development lock holds the same pins as the run lock, and more: having it satisfies both.
.venv/.dev: requirements/dev.lock requirements/run.lock pyproject.toml scripts/bootstrap.sh
	@scripts/bootstrap.sh dev
	@touch .venv/.run $@

.tools/bin/uv:
	@scripts/bootstrap.sh tools

.venv/.run: requirements/run.lock pyproject.toml scripts/bootstrap.sh
	@scripts/bootstrap.sh run
	@touch $@
