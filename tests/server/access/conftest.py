"""Callers that are known, and sidecars that let in no others."""

from pathlib import Path

import pytest

from guardrails.server.access.callers import digest_of
from guardrails.server.address import Tcp
from guardrails.server.config import Config

TOKENS = {name: f"gr_{name}_".ljust(40, "x") for name in ("acme", "globex", "gateway", "operator")}
CALLERS = f"""
callers:
  - name: acme-app
    token_sha256: {digest_of(TOKENS["acme"])}
    tenant: acme
    policies: [tiny]
    scopes: [evaluate, feedback]
  - name: globex-app
    token_sha256: {digest_of(TOKENS["globex"])}
    tenant: globex
    policies: ["co*"]
    scopes: [evaluate]
  - name: gateway
    token_sha256: {digest_of(TOKENS["gateway"])}
    any_tenant: true
    policies: ["*"]
    scopes: [evaluate, gateway]
  - name: operator
    token_sha256: {digest_of(TOKENS["operator"])}
    scopes: [read_works, manage_works, reload, read_status, detect_marks]
"""


@pytest.fixture(scope="session")
def tokens() -> dict[str, str]:
    return TOKENS


@pytest.fixture(scope="session")
def access(tmp_path_factory) -> Path:
    """The file of two tenants, a gateway and an operator."""
    file = tmp_path_factory.mktemp("access") / "access.yaml"
    file.write_text(CALLERS)
    return file


@pytest.fixture(scope="session")
def guarded(serve, policies, access) -> str:
    """Where a sidecar listens that knows these callers alone."""
    return serve(Config(policies, Tcp("127.0.0.1", 0), access=access))


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    """Files are looked at often."""
    monkeypatch.setattr("guardrails.server.access.watched.EVERY_SECONDS", 0.05)
