"""The command where the engine alone is there: what an extra is for is named, the rest runs."""

import re
import subprocess
import sys

import pytest

WITHOUT = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent}:
            raise ModuleNotFoundError(name, name=name.partition(".")[0])

sys.meta_path.insert(0, Absent())
from guardrails.cli.main import main
sys.exit(main(sys.argv[1:]))
"""
EXTRAS = {
    *("licenseclassifier", "license_expression", "rapidfuzz", "cv2", "starlette", "uvicorn"),
    *("httpx", "jinja2", "presidio_analyzer", "c2pa", "av", "redis", "asyncpg", "pyarrow"),
}
POLICY = "policy: p\ninput:\n- {check: keywords, with: {words: [zephyr]}, then: redact}\n"


def run(*arguments):
    command = [sys.executable, "-c", WITHOUT.format(absent=EXTRAS), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own


def test_what_needs_no_extra_runs(tmp_path):
    policy = tmp_path / "p.yaml"
    policy.write_text(POLICY)

    done = run("check", "--policy", str(policy), "project zephyr")

    assert (done.returncode, done.stderr) == (0, "")
    assert "project <KEYWORD>" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "lacks", "extra"),
    [
        (["works", "list", "--store", "s"], "licenseclassifier", "works"),
        (["proxy", "--upstream", "http://m", "--policies", "p"], "(starlette|uvicorn)", "proxy"),
    ],
)
def test_what_needs_one_says_which(arguments, lacks, extra):
    done = run(*arguments)

    assert done.returncode == 2
    says = rf"needs '{lacks}', which is missing: install 'guardrails\[{extra}\]'"
    assert re.search(says, done.stderr)
