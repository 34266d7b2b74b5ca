"""Collects `*_test.yaml` beside policies as pytest items, one a case.

Pytest loads this in every run, also where there are no policies, so it stays light.
"""

import re
from pathlib import Path

import pytest

_POLICY = re.compile(rb"^[\"']?policy[\"']?\s*:", re.MULTILINE)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that runs cases with real models."""
    group = parser.getgroup("guardrails", "policy tests")
    group.addoption(
        "--guardrails-live",
        action="store_true",
        help="run policy tests with the real models, not stubs",
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a file that is called like a policy test and names its policy."""
    if not _is_ours(file_path):
        return None
    from guardrails.testing.pytest_items import SuiteFile  # noqa: PLC0415  # brings the engine

    return SuiteFile.from_parent(parent, path=file_path)


def _is_ours(path: Path) -> bool:
    """Whoever else calls YAML so writes no `policy:` on the first level."""
    if not path.stem.endswith("_test") or path.suffix not in {".yaml", ".yml"}:
        return False
    return _POLICY.search(path.read_bytes()) is not None
