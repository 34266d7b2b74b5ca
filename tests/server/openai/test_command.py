"""`guardrails proxy`: what is wrong with its arguments ends it before it listens."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ["--upstream", "ftp://x"],
            2,
            "guardrails: --upstream is no address of a server, give http://HOST:PORT",
        ),
        (
            ["--upstream", "http://x", "--tls-cert", "x"],
            2,
            "guardrails: --tls-cert and --tls-key go together",
        ),
        (
            ["--upstream", "http://x"],
            2,
            (
                "guardrails: there are 3 policies, say in a routing file which is the default: "
                "policy: long"
            ),
        ),
        (["--upstream", "http://x", "--routing", "none.yaml"], 3, "none.yaml:1:1: cannot be read"),
        (
            ["--upstream", "http://x", "--listen", "192.0.2.1:1"],
            5,
            "guardrails: cannot serve the proxy on '192.0.2.1:1': cannot assign requested address",
        ),
    ],
)
def test_wrong_arguments(folder, arguments, code, message):
    ended = subprocess.run(  # noqa: S603  # our own command
        [
            sys.executable,
            "-m",
            "guardrails.cli",
            "proxy",
            "--policies",
            str(folder),
            "--listen",
            "127.0.0.1:0",
            *arguments,
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (code, "")
    assert ended.stderr.splitlines()[-1].startswith(message)
