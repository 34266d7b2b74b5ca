"""`guardrails proxy` as it is started: wrong arguments end it before it listens."""

import ssl
import subprocess
import sys

import httpx
import pytest
import trustme


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
                "'policy: NAME', one of long"
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


def test_the_proxy_shows_a_certificate_and_asks_for_one(starting, folder, tmp_path):
    authority = trustme.CA()
    shown, own = authority.issue_cert("127.0.0.1"), authority.issue_cert("client.example.org")
    ca, key, chain = (tmp_path / name for name in ("ca.pem", "key.pem", "chain.pem"))
    authority.cert_pem.write_to_path(str(ca))
    shown.private_key_pem.write_to_path(str(key))
    shown.cert_chain_pems[0].write_to_path(str(chain))
    trust = ssl.create_default_context(cafile=str(ca))
    known = ssl.create_default_context(cafile=str(ca))
    own.configure_cert(known)

    options = ("--tls-cert", chain, "--tls-key", key, "--client-ca", ca)
    routing = folder.parent / "routing.yaml"
    upstream = ("--upstream", "http://127.0.0.1:9", "--policies", folder, "--routing", routing)
    with starting(*upstream, *options) as process:
        url = f"{process.url}/healthz"
        assert process.url.startswith("https://")
        assert httpx.get(url, verify=known, trust_env=False).json() == {"status": "serving"}
        with pytest.raises(httpx.TransportError):
            httpx.get(url, verify=trust, trust_env=False)
