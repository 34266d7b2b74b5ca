"""A minute at three times of what a sidecar seems to manage; `make soak` runs the half hour."""

import json
from pathlib import Path

import pytest

from benchmarks import soak

RULES = """
  - check: keywords
    with: {words: [project zephyr], category: CONFIDENTIAL}
    then: redact
  - check: pii
    with: {entities: [PERSON, EMAIL_ADDRESS], model: rampart}
    then: redact
    timeout: 15s
"""
CHAT = f"policy: chat\ninput:{RULES}output:{RULES}"
IMAGES = "policy: images\ninput: [{check: unsafe_image, threshold: 0.9, then: block}]\n"


@pytest.fixture
def policies(tmp_path) -> Path:
    (tmp_path / "chat.yaml").write_text(CHAT)
    (tmp_path / "images.yaml").write_text(IMAGES)
    return tmp_path


def test_under_too_much_nothing_is_stuck_and_nothing_grows(policies, tmp_path, capsys):
    out = tmp_path / "soak.json"
    code = soak.main(
        ["--minutes", "1", "--times", "3", "--policies", str(policies), "--json", str(out)]
    )
    told = json.loads(out.read_text())

    assert told["broken"] == []
    assert code == 0
    assert "all promises were kept" in capsys.readouterr().out
    assert all(told["kinds"][kind]["judged"] for kind in ("short", "picture"))
