"""Bytes of all kinds to every method of every service, over a socket: clear statuses, no crash."""

import importlib
import pkgutil
import random
import socket

import grpc
import pytest

import guardrails.wire
from guardrails.cli.main import main
from guardrails.server.address import Tcp
from guardrails.server.config import Config, EnvoyConfig, MarksConfig, WorksConfig
from tests.fuzz.mutating import mutants
from tests.fuzz.seeds import seeds

FORBIDDEN = {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.DATA_LOSS}
OF_THE_CLIENT = "Internal error from Core"
"""What the client of grpcio says itself, where a stream was ended while it still wrote."""
ROUNDS = 12
ENVOY = "envoy.service.ext_proc.v3.ExternalProcessor"


def services():
    """Give all services of ours by their full names, with their methods."""
    for module in pkgutil.iter_modules(guardrails.wire.__path__):
        if module.name.endswith("_pb2"):
            described = importlib.import_module(f"guardrails.wire.{module.name}").DESCRIPTOR
            for service in described.services_by_name.values():
                yield service.full_name, service.methods


METHODS = [
    (name, method.name, method.client_streaming, method.server_streaming, method.input_type)
    for name, methods in services()
    for method in methods
    if name.startswith("guardrails.")
]


def free() -> Tcp:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return Tcp("127.0.0.1", probe.getsockname()[1])


@pytest.fixture(scope="module")
def doors(serve, policies, tmp_path_factory):
    """Serve all that there is; give the address of each door."""
    folder = tmp_path_factory.mktemp("fuzzed")
    (folder / "keys.txt").write_text("k1:" + "A" * 43 + "=")
    (folder / "marks.yaml").write_text(
        "keys_file: keys.txt\nmarks:\n- {mark: zero_width, embed: true}\n"
    )
    (folder / "routes.yaml").write_text("policy: tiny\n")
    manage, marks = free(), free()
    main_door = serve(
        Config(
            policies,
            Tcp("127.0.0.1", 0),
            works=WorksConfig(str(folder / "works"), manage),
            marks=MarksConfig(folder / "marks.yaml", marks),
            envoy=EnvoyConfig(folder / "routes.yaml"),
        )
    )
    return (main_door, str(manage), str(marks))


async def statuses(channel, path, messages, *, streams, answers):
    """Send what is no message, or almost one; give how each call ended."""
    ended = set()
    kind = f"{'stream' if streams else 'unary'}_{'stream' if answers else 'unary'}"
    call = getattr(channel, kind)(path, request_serializer=None, response_deserializer=None)
    for message in messages:
        asked = iter([message, message]) if streams else message
        running = call(asked, timeout=20)
        try:
            if answers:
                async for _ in running:
                    pass
            else:
                await running
            ended.add(grpc.StatusCode.OK)
        except grpc.aio.AioRpcError as failed:
            if failed.details() == OF_THE_CLIENT:
                continue
            ended.add(failed.code())
            if failed.code() in FORBIDDEN:
                pytest.fail(f"{path}: {failed.code()} {failed.details()} for {message!r}")
    return ended


def attacks(kind, seed):
    chance = random.Random(seed)  # noqa: S311  # its chance is no secret
    filled = kind._concrete_class()
    for field in kind.fields:
        if field.type == field.TYPE_STRING and not field.is_repeated:
            setattr(filled, field.name, "zephyr")
        elif field.type == field.TYPE_BYTES and not field.is_repeated:
            setattr(filled, field.name, seeds()["picture"][0])
    kinds = (filled.SerializeToString(), *seeds()["request"], *seeds()["gateway"])
    yield from (b"", b"\xff" * 40, b"\x0a\xff\xff\xff\xff\x0f", chance.randbytes(200))
    yield from kinds
    yield from mutants(kinds, ROUNDS, seed)


@pytest.mark.parametrize(
    ("service", "method", "streams", "answers", "kind"),
    METHODS,
    ids=[f"{service}/{method}" for service, method, *_ in METHODS],
)
async def test_every_method_tells_what_is_wrong(doors, service, method, streams, answers, kind):
    served = set()
    for door in doors:
        async with grpc.aio.insecure_channel(door) as channel:
            messages = list(attacks(kind, hash(method) % 7))
            served |= await statuses(
                channel, f"/{service}/{method}", messages, streams=streams, answers=answers
            )

    assert served - {grpc.StatusCode.UNIMPLEMENTED} or "Works" not in service
    assert main(["health", "--address", doors[0]]) == 0


async def test_a_gateway_that_talks_nonsense_breaks_nothing(doors):
    messages = [b"", b"\xff" * 40, *seeds()["gateway"], *mutants(seeds()["gateway"], 60)]
    async with grpc.aio.insecure_channel(doors[0]) as channel:
        ended = await statuses(channel, f"/{ENVOY}/Process", messages, streams=True, answers=True)

    assert ended <= {
        grpc.StatusCode.OK,
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.NOT_FOUND,
    }
    assert main(["health", "--address", doors[0]]) == 0
