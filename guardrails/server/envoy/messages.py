"""Envoy's messages: what is read from them, and the few that are written."""

from collections.abc import Iterable, Mapping

from guardrails.wire import ext_proc_pb2 as pb

Replies = tuple[pb.ProcessingResponse, ...]

LENGTH = "content-length"

_OVERWRITE = pb.HeaderValueOption.OVERWRITE_IF_EXISTS_OR_ADD
_PIECE = 1024 * 1024
"""Bytes of a long body that go into one message."""


def heads(message: pb.HttpHeaders) -> dict[str, str]:
    """Give the headers by name in lower case; of one that is given again, all with commas."""
    found: dict[str, str] = {}
    for each in message.headers.headers:
        value = each.raw_value.decode("latin-1") or each.value
        name = each.key.lower()
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def changes(given: Mapping[str, str], removed: Iterable[str] = ()) -> pb.HeaderMutation:
    """Set headers, whatever was there, and take others away."""
    return pb.HeaderMutation(
        set_headers=[
            pb.HeaderValueOption(
                header=pb.HeaderValue(key=name, raw_value=value.encode("latin-1", "replace")),
                append_action=_OVERWRITE,
            )
            for name, value in given.items()
        ],
        remove_headers=list(removed),
    )


def on(what: str, common: pb.CommonResponse) -> pb.ProcessingResponse:
    """Answer the headers or a body: ``what`` is the name of the message that is answered."""
    reply = pb.ProcessingResponse()
    getattr(reply, what).response.CopyFrom(common)
    return reply


def as_it_is(what: str) -> pb.ProcessingResponse:
    """Let a message pass as it is."""
    return on(what, pb.CommonResponse())


def whole(what: str, body: bytes, given: Mapping[str, str]) -> pb.ProcessingResponse:
    """Put another body in the place of one that Envoy holds, and say how long it is."""
    return on(
        what,
        pb.CommonResponse(
            header_mutation=changes({**given, LENGTH: str(len(body))}),
            body_mutation=_body(body),
        ),
    )


def in_its_place(what: str, piece: bytes) -> pb.ProcessingResponse:
    """Put a piece, perhaps an empty one, in the place of one that Envoy holds."""
    return on(what, pb.CommonResponse(body_mutation=_body(piece)))


def pieces(what: str, body: bytes, *, last: bool) -> Replies:
    """Send a body, or more of it, in full duplex: as many messages as it takes."""
    starts = range(0, len(body), _PIECE) if body else range(1 if last else 0)
    return tuple(
        on(
            what,
            pb.CommonResponse(
                body_mutation=pb.BodyMutation(
                    streamed_response=pb.StreamedBodyResponse(
                        body=body[start : start + _PIECE],
                        end_of_stream=last and start + _PIECE >= len(body),
                    )
                )
            ),
        )
        for start in starts
    )


def instead(status: int, body: bytes, given: Mapping[str, str]) -> pb.ProcessingResponse:
    """Answer the client at once, in the place of the upstream."""
    return pb.ProcessingResponse(
        immediate_response=pb.ImmediateResponse(
            status=pb.HttpStatus(code=status), headers=changes(given), body=body
        )
    )


def trailers(what: str) -> pb.ProcessingResponse:
    """Let trailers pass as they are."""
    reply = pb.ProcessingResponse()
    getattr(reply, what).SetInParent()
    return reply


def _body(body: bytes) -> pb.BodyMutation:
    return pb.BodyMutation(body=body) if body else pb.BodyMutation(clear_body=True)
