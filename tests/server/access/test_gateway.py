"""A gateway is a caller like others: it needs its scope, and names tenants where it may."""

import json

import grpc
import pytest

from guardrails.server.access.callers import digest_of
from guardrails.server.address import Tcp
from guardrails.server.config import Config, EnvoyConfig
from guardrails.wire import ext_proc_pb2 as pb

GATE = """
callers:
  - {name: one, token_sha256: ONE, tenant: acme, policies: [tiny], scopes: [gateway]}
  - {name: any, token_sha256: ANY, any_tenant: true, policies: ["*"], scopes: [gateway]}
  - {name: none, token_sha256: NON, tenant: acme, policies: [tiny], scopes: [evaluate]}
"""


@pytest.fixture(scope="module")
def gate(serve, policies, tmp_path_factory):
    folder = tmp_path_factory.mktemp("gate")
    text = GATE
    for name in ("ONE", "ANY", "NON"):
        text = text.replace(name, digest_of(name.lower()))
    (folder / "access.yaml").write_text(text)
    (folder / "routing.yaml").write_text("policy: tiny\n")
    envoy = EnvoyConfig(folder / "routing.yaml")
    config = Config(policies, Tcp("127.0.0.1", 0), envoy=envoy, access=folder / "access.yaml")
    return serve(config)


def messages(tenant, policy):
    named = {"tenant": tenant, "policy": policy}
    first = pb.ProcessingRequest(
        request_headers=pb.HttpHeaders(
            headers=pb.HeaderMap(
                headers=[
                    pb.HeaderValue(key=":method", raw_value=b"POST"),
                    pb.HeaderValue(key=":path", raw_value=b"/v1/chat/completions"),
                    pb.HeaderValue(key="content-type", raw_value=b"application/json"),
                ]
            )
        ),
        protocol_config=pb.ProtocolConfiguration(
            request_body_mode=pb.BUFFERED, response_body_mode=pb.BUFFERED
        ),
    )
    first.metadata_context.filter_metadata["guardrails"].update(
        {name: value for name, value in named.items() if value}
    )
    body = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
    return [
        first,
        pb.ProcessingRequest(
            request_body=pb.HttpBody(body=json.dumps(body).encode(), end_of_stream=True)
        ),
    ]


@pytest.mark.parametrize(
    ("token", "tenant", "policy", "told"),
    [
        ("one", "", "", 200),
        ("one", "acme", "", 200),
        ("one", "globex", "", 403),
        ("one", "", "covers", 403),
        ("one", "", "no-such", 403),
        ("any", "globex", "covers", 200),
        ("any", "globex", "no-such", 400),
        ("non", "", "", "PERMISSION_DENIED"),
        ("wrong", "", "", "UNAUTHENTICATED"),
    ],
)
async def test_a_gateway_asks_for_its_tenant_unless_it_may_name_any(
    gate, token, tenant, policy, told
):
    metadata = [("authorization", f"Bearer {token}")]
    async with grpc.aio.insecure_channel(gate) as channel:
        call = channel.stream_stream(
            "/envoy.service.ext_proc.v3.ExternalProcessor/Process",
            request_serializer=pb.ProcessingRequest.SerializeToString,
            response_deserializer=pb.ProcessingResponse.FromString,
        )(metadata=metadata)
        if isinstance(told, str):
            assert (await call.code()).name == told
            return
        for message in messages(tenant, policy):
            await call.write(message)
            answer = await call.read()
        await call.done_writing()
        call.cancel()

    status = answer.immediate_response.status.code
    assert (status or 200) == told
