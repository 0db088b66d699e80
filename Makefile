# The manual of this repository: `make help`.
.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory

ifndef PYTHON
PYTHON := $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
endif
PY := .venv/bin/python
PROTOS := $(shell find proto/wangge -name '*.proto' 2>/dev/null)

##@ Run it

.PHONY: demo
demo: up ## Everything from nothing: set up, start, and play the story from patrol to public page
	@$(PY) -m deploy.demo --gateway-url "$$(cat .wangge/gateway-url)"

.PHONY: up
up: setup ## Start PostgreSQL, RabbitMQ and all fifteen processes, and wait until they are ready
	@$(PY) -m deploy.local up

.PHONY: down
down: ## Stop what `up` started; the data stays in .wangge
	@if [ -x $(PY) ]; then $(PY) -m deploy.local down; fi

.PHONY: status
status: setup ## Show every process: pid, state, ports, memory, health
	@$(PY) -m deploy.local status

.PHONY: logs
logs: setup ## Follow the logs; one service's with service=cases
	@$(PY) -m deploy.local logs $(if $(service),--service $(service))

.PHONY: migrate
migrate: setup ## Bring databases, roles and queues of the local servers up to date
	@$(PY) -m deploy.local prepare

.PHONY: compose-demo
compose-demo: setup ## The demo against containers (needs Docker)
	@$(PY) -m deploy.compose_demo

##@ Look after it

.PHONY: dlq
dlq: setup ## List a service's dead letters with their reasons: service=cases
	@AMQP_URL_FILE=.wangge/secrets/amqp_url $(PY) -m deploy.dead_letters list $(or $(service),$(error name one: service=cases))

.PHONY: replay
replay: setup ## Send a service's dead letters again, or one event's: service=cases id=…
	@AMQP_URL_FILE=.wangge/secrets/amqp_url $(PY) -m deploy.dead_letters replay $(or $(service),$(error name one: service=cases)) $(if $(id),--id $(id))

.PHONY: bench
bench: setup ## Measure against the physical limits of this machine and print the ratios
	@$(PY) -m deploy.bench

##@ Change it

.PHONY: setup
setup: .venv/.ready proto ## Make .venv from the locks, and the gRPC stubs
	@:
.venv/.ready: requirements.lock tests/requirements.lock
	@if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or later is needed: install it, or make PYTHON=/path/to/python3" >&2; exit 1; fi
	@echo "Installing into .venv ..."
	@test -x $(PY) || $(PYTHON) -m venv .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r tests/requirements.lock
	@$(PY) -c 'import pathlib, sysconfig; pathlib.Path(sysconfig.get_path("purelib"), "wangge.pth").write_text("$(CURDIR)\n$(CURDIR)/proto/gen\n")'
	@touch $@

.PHONY: proto
proto: proto/gen/.ready ## Generate the gRPC stubs and the descriptors with their comments into proto/gen
	@:
proto/gen/.ready: $(PROTOS) .venv/.ready
	@rm -rf proto/gen && mkdir -p proto/gen
	@$(PY) -m grpc_tools.protoc -Iproto --python_out=proto/gen --pyi_out=proto/gen --grpc_python_out=proto/gen \
		--descriptor_set_out=proto/gen/wangge.binpb --include_source_info $(PROTOS)
	@touch $@

.PHONY: test
test: lint ## Every test, on PostgreSQL and RabbitMQ started for the run
	@sh tests/run.sh

.PHONY: test-unit
test-unit: setup ## The tests that need no server
	@$(PY) -m pytest -q tests/unit --ignore-glob='*/events/*'

.PHONY: coverage
coverage: setup ## Which lines the tests that need no server leave out
	@$(PY) -m pytest -q tests/unit --ignore-glob='*/events/*' --cov --cov-report=term

.PHONY: lint
lint: setup ## Style, types, import rules and protos
	@$(MAKE) --jobs=2 types style

.PHONY: types
types: setup
	@$(PY) -m mypy --no-error-summary shared services gateway deploy

.PHONY: style
style: setup
	@.venv/bin/ruff check --quiet .
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/lint-imports --no-logo
	@cd proto && ../.venv/bin/buf lint

.PHONY: amplification
amplification: setup ## Count in how many places a field, a step and a list stand
	@$(PY) -m tests.amplification

.PHONY: requirements
requirements: setup ## Show which requirement is proved by which test
	@$(PY) -m tests.requirements.report .wangge/requirements.json

.PHONY: asyncapi
asyncapi: setup ## Write docs/asyncapi.yaml anew from what the services emit and consume
	@$(PY) -m deploy.asyncapi > docs/asyncapi.yaml.new && mv docs/asyncapi.yaml.new docs/asyncapi.yaml

.PHONY: lock
lock: setup ## Resolve the dependencies anew into the two lock files
	@for lock in requirements.lock "tests/requirements.lock --extra dev"; do \
		.venv/bin/uv --no-config --quiet pip compile pyproject.toml --upgrade --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-header --output-file $$lock || exit 1; done

.PHONY: clean
clean: ## Stop everything and remove all that was made, the local data included
	@if [ -x $(PY) ]; then $(PY) -m deploy.local destroy; fi
	@rm -rf .venv proto/gen .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .coverage
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@ / {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
