"""Who is let in over gRPC, on a real sidecar: by tokens, as far as scopes, policies, tenants go."""

import asyncio
import logging
import time

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from guardrails.client import AsyncClient, Client
from guardrails.core.content import Caller, Content, Stage, Text, prompt
from guardrails.core.errors import (
    ForbiddenError,
    GuardrailsError,
    UnknownCallerError,
    UnknownPolicyError,
)
from guardrails.core.verdict import Action
from guardrails.server.access import attempts
from guardrails.server.access.attempts import Attempts
from guardrails.server.access.calls import Listed
from guardrails.server.access.file import read
from guardrails.server.access.scopes import Scope
from guardrails.server.address import Tcp
from guardrails.server.config import Config
from guardrails.server.interceptors import Errors
from guardrails.telemetry.recorder import Unrecorded
from guardrails.wire import guardrails_pb2 as pb

UNKNOWN = "nobody here knows this caller, give a token or a certificate that is known"
FORBIDDEN = "this caller may not do that, ask whoever runs the server"


def asked(tenant: str = "") -> Content:
    return Content((Text("zephyr"),), caller=Caller(tenant))


@pytest.mark.parametrize(
    ("who", "policy", "tenant", "error"),
    [
        ("acme", "tiny", "", None),
        ("acme", "tiny", "acme", None),
        ("acme", "tiny", "globex", ForbiddenError),
        ("acme", "covers", "", ForbiddenError),
        ("acme", "no-such-policy", "", ForbiddenError),  # as if it were there
        ("globex", "covers", "", None),
        ("globex", "tiny", "", ForbiddenError),
        ("gateway", "tiny", "globex", None),
        ("gateway", "covers", "acme", None),
        ("operator", "tiny", "", ForbiddenError),
        (None, "tiny", "", UnknownCallerError),
        ("wrong", "tiny", "", UnknownCallerError),
    ],
)
def test_callers_use_their_policies_for_their_tenant(guarded, tokens, who, policy, tenant, error):
    with Client(guarded, token=tokens.get(who, who)) as client:
        if error is None:
            assert not client.evaluate(asked(tenant), policy=policy).blocked
            return
        with pytest.raises(error) as refused:
            client.evaluate(asked(tenant), policy=policy)

    assert str(refused.value) == (FORBIDDEN if error is ForbiddenError else UNKNOWN)


@pytest.mark.parametrize(("who", "tenant"), [("acme", "globex"), ("globex", "globex")])
async def test_streams_are_held_to_the_same(guarded, tokens, who, tenant):
    opening = Content((), Stage.OUTPUT, caller=Caller(tenant))
    async with AsyncClient(guarded, token=tokens[who]) as client:
        answer = client.stream(opening, policy="tiny")
        with pytest.raises(ForbiddenError):
            await answer.finish()
        await answer.aclose()


def test_policies_of_others_are_not_listed(guarded, tokens):
    listed = {}
    for who in ("acme", "globex", "gateway"):
        with Client(guarded, token=tokens[who]) as client:
            listed[who] = set(client.policies())

    assert listed == {"acme": {"tiny"}, "globex": {"covers"}, "gateway": {"tiny", "covers"}}


SHOWN = [
    [],
    [("authorization", "Bearer ")],
    [("authorization", "Basic {acme}")],
    [("authorization", "{acme}")],
    [("authorization", "Bearer {acme}"), ("authorization", "Bearer {acme}")],
    [("authorization", "Bearer {acme}"), ("authorization", "Bearer wrong")],
    [("authorization", "Bearer {acme} {acme}")],
    [("x-guardrails-token", "{acme}")],
    [("authorization-bin", b"Bearer {acme}")],
]


@pytest.mark.parametrize("metadata", SHOWN)
async def test_whatever_else_is_shown_is_refused_alike(guarded, tokens, metadata):
    shown = [(k, v.format(**tokens) if isinstance(v, str) else v) for k, v in metadata]
    request = pb.EvaluateRequest(
        policy="tiny", stage=pb.STAGE_INPUT, parts=[pb.Part(text="zephyr")]
    )
    async with grpc.aio.insecure_channel(guarded) as channel:
        ask = channel.unary_unary(
            "/guardrails.v1.Guardrails/Evaluate",
            request_serializer=pb.EvaluateRequest.SerializeToString,
        )
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await ask(request, metadata=shown, timeout=5)

    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert refused.value.details() == UNKNOWN


async def test_who_is_not_known_is_refused_before_all_is_read(guarded):
    """A stream that never ends, of which nothing has to be understood."""

    async def endless():
        while True:
            yield b"\xff" * 1000
            await asyncio.sleep(0.01)

    async with grpc.aio.insecure_channel(guarded) as channel:
        for method in ("EvaluateStream", "Evaluate"):
            call = channel.stream_unary(f"/guardrails.v1.Guardrails/{method}")
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await call(endless(), timeout=5)
            assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_of_a_policy_that_is_not_there_only_those_are_told_that_may_be_used(guarded, tokens):
    async with AsyncClient(guarded, token=tokens["globex"]) as client:
        with pytest.raises(UnknownPolicyError) as refused:
            await client.evaluate(prompt("hello"), policy="copies")

    assert str(refused.value) == "no policy 'copies' is loaded, there is: covers"


async def test_health_is_for_everybody(guarded):
    async with grpc.aio.insecure_channel(guarded) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        request = health_pb2.HealthCheckRequest(service="guardrails.v1.Guardrails")
        answer = await stub.Check(request)
        watched = await anext(aiter(stub.Watch(request)))

    assert answer.status == watched.status == health_pb2.HealthCheckResponse.SERVING


@pytest.mark.parametrize(("who", "told"), [("operator", True), (None, False)])
async def test_reflection_is_for_whoever_is_known(guarded, tokens, who, told):
    request = reflection_pb2.ServerReflectionRequest(list_services="")
    metadata = [("authorization", f"Bearer {tokens[who]}")] if who else []
    async with grpc.aio.insecure_channel(guarded) as channel:
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        call = stub.ServerReflectionInfo(metadata=metadata)
        if told:
            await call.write(request)
            assert (await call.read()).list_services_response.service
        else:
            assert await call.code() is grpc.StatusCode.UNAUTHENTICATED


@pytest.fixture
async def reached(access):
    """Serve an RPC of every kind, none of which is in the table of the sidecar."""
    callers, noted = read(access), Attempts(_Uncounted())

    async def once(_, __):
        return b"once"

    async def often(_, context):
        await context.write(b"often")

    async def yielding(_, __):
        yield b"often"

    made = {
        "unary_unary": ("unary_unary", once),
        "unary_stream": ("unary_stream", often),
        "yielding": ("unary_stream", yielding),
        "stream_unary": ("stream_unary", once),
        "stream_stream": ("stream_stream", often),
        "forgotten": ("unary_unary", once),
    }
    handlers = {
        name: getattr(grpc, f"{kind}_rpc_method_handler")(call, request_deserializer=bytes)
        for name, (kind, call) in made.items()
    }
    methods = {f"/x.Y/{name}": Scope.EVALUATE for name in handlers if name != "forgotten"}
    server = grpc.aio.server(
        interceptors=[Errors(Unrecorded()), Listed(lambda: callers, noted, methods)]
    )
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("x.Y", handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield f"127.0.0.1:{port}"
    await server.stop(0)


class _Uncounted:
    def refused(self, reason):
        pass


KINDS = ["unary_unary", "unary_stream", "yielding", "stream_unary", "stream_stream", "forgotten"]


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("who", ["acme", "operator", None])
async def test_rpcs_of_every_kind_are_looked_at_and_one_without_a_scope_is_for_nobody(
    reached, tokens, name, who
):
    metadata = [("authorization", f"Bearer {tokens[who]}")] if who else []
    kind = {"yielding": "unary_stream", "forgotten": "unary_unary"}.get(name, name)
    sent = iter([b"x"]) if kind.startswith("stream") else b"x"
    async with grpc.aio.insecure_channel(reached) as channel:
        call = getattr(channel, kind)(f"/x.Y/{name}")(sent, metadata=metadata, timeout=5)
        try:
            answer = await (anext(aiter(call)) if kind.endswith("stream") else call)
            told = answer.decode()
        except grpc.aio.AioRpcError as error:
            told = error.code().name

    if who is None:
        assert told == "UNAUTHENTICATED"
    elif who == "operator" or name == "forgotten":
        assert told == "PERMISSION_DENIED"
    else:
        assert told in {"once", "often"}


async def test_callers_at_once_are_not_mistaken_for_each_other(guarded, tokens):
    async def ask(who: str, policy: str) -> str:
        async with AsyncClient(guarded, token=tokens[who]) as client:
            try:
                await client.evaluate(asked(), policy=policy)
            except ForbiddenError:
                return "refused"
            return "judged"

    wanted = [("acme", "tiny"), ("globex", "tiny"), ("gateway", "tiny"), ("acme", "covers")]
    told = await asyncio.gather(*(ask(*one) for one in wanted * 25))

    assert told == ["judged", "refused", "judged", "refused"] * 25


def test_who_is_refused_is_logged_now_and_then_and_never_by_the_token(caplog):
    now = [100.0]
    counted = []

    class Counting:
        def refused(self, reason):
            counted.append(reason)

    noted = Attempts(Counting(), lambda: now[0])
    with caplog.at_level(logging.WARNING, "guardrails.server"):
        for _ in range(1000):
            noted.note(UnknownCallerError("x"), "/a/B", "ipv4:192.0.2.1:1")
        now[0] += attempts.EVERY_SECONDS
        noted.note(ForbiddenError("x"), "/a/B", "ipv4:192.0.2.1:1")

    assert [record.getMessage() for record in caplog.records] == [
        "a caller is not let in: unknown, '/a/B' from ipv4:192.0.2.1:1",
        "a caller is not let in: forbidden, '/a/B' from ipv4:192.0.2.1:1, and 999 others before",
    ]
    assert counted == ["unknown"] * 1000 + ["forbidden"]


def test_the_log_of_a_sidecar_holds_no_token_and_cannot_be_filled(guarded, tokens, caplog):
    with caplog.at_level(logging.DEBUG):
        for number in range(50):
            with (
                Client(guarded, token=f"guess{number}") as client,
                pytest.raises(UnknownCallerError),
            ):
                client.evaluate(asked(), policy="tiny")

    assert "guess" not in caplog.text
    assert not any(token in caplog.text for token in tokens.values())
    assert caplog.text.count("UNAUTHENTICATED") == 0
    assert caplog.text.count("is not let in") <= 1


def test_a_change_of_the_file_holds_for_the_next_call_and_a_broken_one_changes_nothing(
    serve, policies, access, tokens, tmp_path, caplog
):
    file = tmp_path / "access.yaml"
    file.write_text(access.read_text())
    address = serve(Config(policies, Tcp("127.0.0.1", 0), access=file))
    with Client(address, token=tokens["acme"]) as client:

        def told(wanted: str) -> str:
            for _ in range(100):
                try:
                    client.evaluate(asked(), policy="tiny")
                    now = "judged"
                except GuardrailsError as error:
                    now = type(error).__name__
                if now == wanted:
                    break
                time.sleep(0.05)
            return now

        assert told("judged") == "judged"
        good = file.read_text()
        file.write_text(good.replace("policies: [tiny]", "policies: [other]"))
        assert told("ForbiddenError") == "ForbiddenError"
        file.write_text("callers: [")
        _wait_for(lambda: "the last one holds" in caplog.text)
        assert told("ForbiddenError") == "ForbiddenError"
        file.unlink()
        _wait_for(lambda: "cannot be read: no such file" in caplog.text)
        assert told("ForbiddenError") == "ForbiddenError"
        file.write_text(good)
        assert told("judged") == "judged"
        file.write_text(
            good.replace("acme-app", "acme-new").replace("evaluate, feedback", "reload")
        )
        assert told("ForbiddenError") == "ForbiddenError"


def _wait_for(done) -> None:
    for _ in range(100):
        if done():
            return
        time.sleep(0.05)
    raise AssertionError


def test_a_replaced_token_file_holds_at_once(serve, policies, tmp_path):
    old, new = "o" * 40, "n" * 40
    (tmp_path / "token").write_text(old)
    (tmp_path / "access.yaml").write_text(
        "callers: [{name: a, token_file: token, tenant: a, policies: [tiny], scopes: [evaluate]}]"
    )
    address = serve(Config(policies, Tcp("127.0.0.1", 0), access=tmp_path / "access.yaml"))
    with Client(address, token=old) as client:
        assert client.evaluate(prompt("zephyr"), policy="tiny").action is Action.REDACT
    (tmp_path / "token").write_text(new)
    with Client(address, token=new) as client:

        def known() -> bool:
            try:
                client.evaluate(prompt("zephyr"), policy="tiny")
            except UnknownCallerError:
                return False
            return True

        _wait_for(known)
    with Client(address, token=old) as client, pytest.raises(UnknownCallerError):
        client.evaluate(prompt("zephyr"), policy="tiny")
