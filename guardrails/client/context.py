"""Tells a sidecar which span asks, where the caller traces with OpenTelemetry."""

import sys
from typing import TypeAlias

Metadata: TypeAlias = tuple[tuple[str, str], ...]

NOTHING: Metadata = ()


def carried() -> Metadata:
    """Give the present context as metadata of a call.

    A process that has not imported OpenTelemetry has no context to give, so it is not imported here
    either, and a caller that does not trace pays nothing.
    """
    if "opentelemetry.trace" not in sys.modules:
        return NOTHING
    from opentelemetry import propagate  # noqa: PLC0415  # only where the caller has it already

    headers: dict[str, str] = {}
    propagate.inject(headers)
    return tuple((name.lower(), value) for name, value in headers.items())
