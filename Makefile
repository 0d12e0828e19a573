# Everything a developer or CI runs. `make help` lists the targets.
# Recipes use relative paths only: the folder's name may hold spaces and any characters.

PYTHON ?= python3
WORKERS ?= 2
HOST ?= 127.0.0.1
PORT ?= 50051
BIN := .venv/bin
BASELINE := proto/baseline.binpb

.DEFAULT_GOAL := help
.PHONY: help install lock run serve test test-long test-rules test-contract test-java java-deps bench lint lint-python lint-types lint-contract lint-tables tables fmt proto proto-accept golden clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

install: ## build .venv from the lock files; at once when nothing has changed
	@$(PYTHON) scripts/install.py

lock: ## write the lock files anew with the newest versions that pyproject.toml admits
	@$(PYTHON) scripts/lock.py

run: install ## review and monitor the sample projects and print the answers
	@$(BIN)/python -m rules_service.cli demo

serve: install ## start the service (HOST, PORT)
	@$(BIN)/python -m rules_service.cli serve --host $(HOST) --port $(PORT)

test: install ## run the tests (WORKERS at a time)
	@$(BIN)/python -m pytest -n $(WORKERS)

test-long: install ## run the tests marked `long`
	@$(BIN)/python -m pytest -m long

test-rules: install ## change each rule in each place and see that a test of the rules notices
	@$(BIN)/python -m rules_service.cli rules test --mutation --strict --workers $(WORKERS)

test-contract: install ## call the service with `buf curl`, which learns the contract from it
	@$(BIN)/python scripts/contract.py

test-java: install ## call the service from a Java host system, built with Debian's packages
	@$(BIN)/python scripts/java_host.py

java-deps: install ## show how to install what `make test-java` needs
	@$(BIN)/python scripts/java_host.py --deps

bench: install ## measure reviews in the process and through gRPC, and compare engines (BENCH_QUICK=1: shorter)
	@$(BIN)/python -m bench

lint: lint-python lint-types lint-contract lint-tables ## style, types, contract, generated code; `make -k lint` shows all at once

lint-python: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

lint-types: install
	$(BIN)/mypy rules_service scripts bench

lint-contract: install
	$(BIN)/buf lint
	$(BIN)/buf format --diff --exit-code
	$(BIN)/buf breaking --against $(BASELINE)
	$(BIN)/python scripts/proto.py --check

lint-tables: install
	$(BIN)/python -m rules_service.cli rules lint
	$(BIN)/python -m rules_service.cli rules matrix docs --check
	$(BIN)/python -m rules_service.cli rules codes docs/lint-codes.md --cases tests/testdata --check

tables: install ## write docs/rules-table.md, docs/places-table.md and docs/lint-codes.md anew
	@$(BIN)/python -m rules_service.cli rules matrix docs
	@$(BIN)/python -m rules_service.cli rules codes docs/lint-codes.md --cases tests/testdata

fmt: install ## format Python and the contract
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	$(BIN)/buf format --write

proto: install ## generate rules_service/pb/ from proto/
	@$(BIN)/python scripts/proto.py

proto-accept: install ## record the contract as the one hosts rely on; `make lint` compares with it
	$(BIN)/buf build --exclude-source-info --output $(BASELINE)

golden: install ## rewrite the golden files; read the diff before committing it
	@$(BIN)/python -m pytest -m golden --update-golden

clean: ## remove what was built, .venv too
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
