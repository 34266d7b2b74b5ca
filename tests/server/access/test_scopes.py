"""Every RPC needs a scope; one that is forgotten is for nobody."""

import re
from pathlib import Path

import pytest

from guardrails.server.access.scopes import MANAGEMENT, METHODS, SERVICES, Free, Scope

PROTO = Path(__file__).parents[3] / "proto"
ELSEWHERE = {
    "grpc.health.v1.Health",
    "grpc.reflection.v1alpha.ServerReflection",
    "envoy.service.ext_proc.v3.ExternalProcessor",
}
"""Services whose proto is not ours."""


def services():
    for path in sorted(PROTO.rglob("*.proto")):
        text = re.sub("//.*", "", path.read_text())
        package = re.search(r"^package ([\w.]+);", text, re.MULTILINE)[1]
        for name, body in re.findall(r"service (\w+) \{(.*?)\n\}", text, re.DOTALL):
            yield f"{package}.{name}", set(re.findall(r"rpc (\w+)\(", body))


@pytest.mark.parametrize(("service", "methods"), list(services()))
def test_every_rpc_of_every_service_needs_a_scope(service, methods):
    assert methods
    assert set(SERVICES.get(service, {})) == methods


def test_nothing_else_is_in_the_table():
    assert set(SERVICES) == {name for name, _ in services()} | ELSEWHERE


def test_no_rpc_of_ours_is_free():
    free = {method for method, needed in METHODS.items() if isinstance(needed, Free)}

    assert not [method for method in free if method.startswith("/guardrails.")]


def test_every_scope_is_needed_by_something():
    assert set(METHODS.values()) - set(Free) == set(Scope)


def test_what_changes_or_reads_an_operators_records_is_management():
    judging = {Scope.EVALUATE, Scope.GATEWAY, Scope.FEEDBACK}

    assert set(Scope) - MANAGEMENT == judging | {Scope.DETECT_MARKS, Scope.EMBED_MARKS}
