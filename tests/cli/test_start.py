"""The command where only the client is installed."""

import subprocess
import sys

SCRIPT = """
import sys
sys.modules["rich"] = None  # as if it were not installed
from guardrails.cli.start import start
sys.exit(start())
"""


def test_without_the_engine_it_says_what_to_install():
    ended = subprocess.run(  # noqa: S603  # our own script
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False
    )

    assert ended.returncode == 5
    assert ended.stdout == ""
    assert "is missing: install 'guardrails[cpu]'" in ended.stderr
