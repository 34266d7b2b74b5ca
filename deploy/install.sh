#!/bin/sh
# Builds the package and installs it with what it needs into an environment of its own, in the
# versions that the tests have passed with. The Dockerfile runs it, and so does `make test-image`.
# usage: install.sh SOURCE TARGET [EXTRAS]
set -eu
source=$1
target=$2
extras=${3:-all-cpu}

wheels=$(mktemp -d)
trap 'rm -rf "$wheels"' EXIT
python3 -m venv "$target"
"$target/bin/python" -m pip wheel --quiet --no-deps --wheel-dir "$wheels" "$source"
"$target/bin/python" -m pip install --quiet --no-cache-dir \
  --constraint "$source/constraints.txt" "$(echo "$wheels"/guardrails-*.whl)[$extras]"
"$target/bin/python" -m pip uninstall --quiet --yes pip setuptools  # nothing is installed later on
