"""Where the files are that are tested here."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="session")
def deploy() -> Path:
    return ROOT / "deploy"
