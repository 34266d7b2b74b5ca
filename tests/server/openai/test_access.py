"""Who may ask through the proxy: by a token of ours beside the upstream's key, or by known keys."""

import json
import socket
from hashlib import sha256

import anthropic
import httpx
import openai
import pytest

ACME, READER = "gr_acme_".ljust(40, "x"), "gr_read_".ljust(40, "x")
ACCESS = f"""
callers:
  - name: acme-app
    token_sha256: {sha256(ACME.encode()).hexdigest()}
    tenant: acme
    policies: [tiny]
    scopes: [evaluate]
  - name: reader
    token_sha256: {sha256(READER.encode()).hexdigest()}
    scopes: [read_decisions]
"""
ROUTING = f"""
policy: tiny
rules:
  - {{key: {sha256(b"sk-globex").hexdigest()}, policy: tiny, tenant: globex}}
  - {{key: {sha256(b"sk-acme").hexdigest()}, policy: tiny, tenant: acme}}
policy_header: x-policy
"""
UNKNOWN = "nobody here knows this caller, give a token or a certificate that is known"
FORBIDDEN = "this caller may not do that, ask whoever runs the server"


@pytest.fixture(scope="module")
def guarded(starting, model_server, folder, tmp_path_factory):
    made = tmp_path_factory.mktemp("access")
    (made / "access.yaml").write_text(ACCESS)
    (made / "routing.yaml").write_text(ROUTING)
    options = ("--access", made / "access.yaml", "--routing", made / "routing.yaml")
    with starting("--upstream", model_server.url, "--policies", folder, *options) as process:
        yield process.url


BODY = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


def asked(url, path="/v1/chat/completions", **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.post(f"{url}{path}", json=BODY, headers=headers, trust_env=False)


@pytest.mark.parametrize(
    ("headers", "status", "message"),
    [
        ({"x_guardrails_token": ACME}, 200, ""),
        ({"X_Guardrails_Token": ACME, "authorization": "Bearer sk-upstream"}, 200, ""),
        ({"x_guardrails_token": ACME, "authorization": "Bearer sk-acme"}, 200, ""),
        ({}, 401, UNKNOWN),
        ({"authorization": f"Bearer {ACME}"}, 401, UNKNOWN),
        ({"x_guardrails_token": "wrong"}, 401, UNKNOWN),
        ({"x_guardrails_token": f"{ACME}, {ACME}"}, 401, UNKNOWN),
        ({"x_guardrails_token": READER}, 403, FORBIDDEN),
        ({"x_guardrails_token": ACME, "x_policy": "strict"}, 403, FORBIDDEN),
        ({"x_guardrails_token": ACME, "x_policy": "no-such"}, 403, FORBIDDEN),
        ({"x_guardrails_token": ACME, "authorization": "Bearer sk-globex"}, 403, FORBIDDEN),
    ],
)
def test_callers_are_known_by_a_header_of_their_own(guarded, model, headers, status, message):
    answer = asked(guarded, **headers)

    assert answer.status_code == status
    assert len(model.asked) == (1 if status == 200 else 0)
    if message:
        assert answer.json()["error"]["message"] == message
    if status == 401:
        assert answer.headers["www-authenticate"] == "Bearer"


def test_the_models_server_never_sees_the_token_and_gets_its_own_key(guarded, model):
    asked(guarded, x_guardrails_token=ACME, authorization="Bearer sk-upstream")

    headers = model.asked[-1]["headers"]
    assert headers["authorization"] == "Bearer sk-upstream"
    assert ACME not in json.dumps(headers)


def test_two_tokens_are_none(guarded):
    headers = [("x-guardrails-token", ACME), ("x-guardrails-token", ACME)]
    answer = httpx.post(
        f"{guarded}/v1/chat/completions", json=BODY, headers=headers, trust_env=False
    )

    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["/v1/models", "/v1/nowhere", "/"])
def test_what_goes_by_unjudged_is_for_known_callers_too(guarded, path):
    assert httpx.get(f"{guarded}{path}", trust_env=False).status_code == 401


def test_health_is_for_everybody(guarded):
    assert httpx.get(f"{guarded}/healthz", trust_env=False).status_code == 200


def test_nothing_is_read_of_who_is_not_known(guarded):
    """The answer comes while the body is still on its way, and ends the connection."""
    url = httpx.URL(guarded)
    with socket.create_connection((url.host, url.port), timeout=10) as made:
        made.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n{"
        )
        answer = b""
        while piece := made.recv(65_536):
            answer += piece

    assert answer.startswith(b"HTTP/1.1 401")


def test_official_clients_raise_their_own_errors(guarded):
    def asks(token):
        return {"default_headers": {"x-guardrails-token": token}, "max_retries": 0}

    theirs = openai.OpenAI(base_url=f"{guarded}/v1", api_key="sk", **asks("wrong"))
    with pytest.raises(openai.AuthenticationError, match="nobody here knows"):
        theirs.chat.completions.create(**BODY)
    theirs = openai.OpenAI(base_url=f"{guarded}/v1", api_key="sk", **asks(READER))
    with pytest.raises(openai.PermissionDeniedError, match="may not do that"):
        theirs.chat.completions.create(**BODY)
    theirs = anthropic.Anthropic(base_url=guarded, api_key="sk", **asks("wrong"))
    with pytest.raises(anthropic.AuthenticationError) as refused:
        theirs.messages.create(**BODY, max_tokens=5)
    assert refused.value.body["error"]["type"] == "authentication_error"


@pytest.fixture(scope="module")
def keyed(starting, model_server, folder, tmp_path_factory):
    made = tmp_path_factory.mktemp("keyed") / "routing.yaml"
    made.write_text(ROUTING + "known_keys_only: true\n")
    upstream = ("--upstream", model_server.url, "--policies", folder)
    with starting(*upstream, "--routing", made) as process:
        yield process.url


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": "Bearer sk-acme"}, 200),
        ({"x_api_key": "sk-globex"}, 200),
        ({"api_key": "sk-globex"}, 200),
        ({"authorization": "Bearer sk-other"}, 401),
        ({"authorization": f"Bearer {sha256(b'sk-acme').hexdigest()}"}, 401),
        ({}, 401),
    ],
)
def test_where_known_keys_alone_are_taken_others_are_refused(keyed, model, headers, status):
    answer = asked(keyed, **headers)

    assert answer.status_code == status
    assert len(model.asked) == (1 if status == 200 else 0)
    if status == 401:
        assert answer.json()["error"]["message"] == "this API key is not known here"
