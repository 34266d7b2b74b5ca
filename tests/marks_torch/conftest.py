"""Marks in the libraries that generate: torch and transformers are needed, as for compiling."""

from importlib.util import find_spec

import pytest

MISSING = [name for name in ("torch", "transformers") if not find_spec(name)]


def pytest_pycollect_makemodule():
    """Skip everything here, with the reason, where there is nothing to generate with."""
    if MISSING:
        pytest.skip(
            f"{', '.join(MISSING)} not installed, see `make test-compile`", allow_module_level=True
        )
