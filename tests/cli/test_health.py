"""`guardrails health`, as probes run it."""

import http.server
import subprocess
import sys
import threading

import pytest
import trustme

from guardrails.cli.main import main
from guardrails.server.address import Tcp, Unix
from guardrails.server.config import Config, Tls

LIGHT = """
import sys
sys.argv = ["guardrails", "health", "--address", sys.argv[1]]
from guardrails.cli.start import start
code = start()
heavy = {"numpy", "onnxruntime", "pydantic", "guardrails.engine.engine"} & set(sys.modules)
sys.exit(99 if heavy else code)
"""


def test_a_warm_sidecar_serves(address, capsys):
    assert main(["health", "--address", address]) == 0
    assert capsys.readouterr().out == "SERVING\n"


def test_its_service_serves_and_one_that_it_has_not_is_unknown(address, capsys):
    assert main(["health", "--address", address, "--service", "guardrails.v1.Guardrails"]) == 0
    assert main(["health", "--address", address, "--service", "other"]) == 5
    assert capsys.readouterr().out == "SERVING\nNOT_FOUND\n"


def test_a_unix_socket_is_asked_as_well(serve, policies, tmp_path):
    address = serve(Config(policies, Unix(tmp_path / "s")))

    assert main(["health", "--address", address]) == 0


def test_where_nobody_listens_nothing_serves(capsys, tmp_path):
    assert main(["health", "--address", f"unix:{tmp_path / 'none'}", "--timeout", "1"]) == 5
    assert main(["health", "--address", "http://127.0.0.1:1"]) == 5
    assert set(capsys.readouterr().out.split()) <= {"UNAVAILABLE", "DEADLINE_EXCEEDED"}


@pytest.fixture
def secure(serve, policies, tmp_path):
    authority = trustme.CA()
    server, client = authority.issue_cert("guard.example"), authority.issue_cert("probe.example")
    for name, one in (("server", server), ("client", client)):
        one.private_key_pem.write_to_path(tmp_path / f"{name}-key.pem")
        one.cert_chain_pems[0].write_to_path(tmp_path / f"{name}.pem")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    tls = Tls(tmp_path / "server.pem", tmp_path / "server-key.pem", tmp_path / "ca.pem")
    return serve(Config(policies, Tcp("127.0.0.1", 0), tls=tls))


def test_over_mutual_tls_by_the_name_in_the_certificate(secure, tmp_path):
    shown = [f"--tls-ca={tmp_path}/ca.pem", "--tls-server-name=guard.example"]
    identity = [f"--tls-cert={tmp_path}/client.pem", f"--tls-key={tmp_path}/client-key.pem"]
    ask = ["health", "--address", secure]

    assert main([*ask, *shown, *identity]) == 0
    assert main([*ask, *shown, "--timeout=1"]) == 5  # it shows no certificate
    assert main([*ask, "--timeout=1"]) == 5  # it speaks no TLS


class Answers(http.server.BaseHTTPRequestHandler):
    status = 200
    asked: "list[str]"

    def do_GET(self):
        self.asked.append(self.path)
        self.send_response(self.status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 5), (404, 5)])
def test_a_proxy_is_asked_over_http(status, code, monkeypatch):
    asked = []
    handler = type("Handler", (Answers,), {"status": status, "asked": asked})
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")  # which is not asked
    with http.server.HTTPServer(("127.0.0.1", 0), handler) as server:
        answering = threading.Thread(target=server.handle_request)
        answering.start()
        ended = main(["health", "--address", f"http://127.0.0.1:{server.server_port}/v1?x=1"])
        answering.join()

    assert (ended, asked) == (code, ["/healthz"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--address", "nowhere"], "'nowhere' has no port"),
        (["--address", "ftp://x"], "has no port"),
        (["--timeout", "-1"], "out of range"),
    ],
)
def test_addresses_that_are_none_are_bad_arguments(arguments, message, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["health", *arguments])

    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_options_of_a_sidecar_do_not_go_with_a_url(capsys):
    assert main(["health", "--address", "http://127.0.0.1:1", "--service", "x"]) == 2
    assert "go with the address of a sidecar" in capsys.readouterr().err


def test_a_probe_loads_no_engine(address):
    ended = subprocess.run(  # noqa: S603  # our own script
        [sys.executable, "-c", LIGHT, address], capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stdout) == (0, "SERVING\n")
