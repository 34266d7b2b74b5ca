"""What a gateway says of a request beside it: which policy, on whose behalf."""

from collections.abc import Mapping
from dataclasses import dataclass

import grpc

from guardrails.core.content import Caller
from guardrails.wire import ext_proc_pb2 as pb

NAMESPACE = "guardrails"
"""Of Envoy's dynamic metadata; as gRPC metadata the same names begin with it and a hyphen."""


@dataclass(frozen=True, slots=True)
class Named:
    """What the gateway names, empty where it leaves that to the routing file."""

    policy: str = ""
    caller: Caller | None = None


def named(first: pb.ProcessingRequest, context: grpc.aio.ServicerContext) -> Named:
    """Read the first message of a stream: what filters found out goes before what is configured."""
    told = {**_configured(context), **_found_out(first.metadata_context)}
    tenant, person = told.get("tenant", ""), told.get("person", "")
    caller = Caller(tenant, person) if tenant or person else None
    return Named(told.get("policy", ""), caller)


def _configured(context: grpc.aio.ServicerContext) -> Mapping[str, str]:
    start = f"{NAMESPACE}-"
    return {
        key.removeprefix(start): value
        for key, value in context.invocation_metadata() or ()
        if key.startswith(start) and isinstance(value, str)
    }


def _found_out(metadata: pb.Metadata) -> Mapping[str, str]:
    if NAMESPACE not in metadata.filter_metadata:
        return {}
    fields = metadata.filter_metadata[NAMESPACE].fields
    return {name: value.string_value for name, value in fields.items() if value.string_value}
