"""What is attacked, each with what must hold whatever comes: ``target(data)`` raises where not."""

import asyncio
import json
from collections.abc import Callable, Mapping

from guardrails.checks.normalise import views
from guardrails.core.errors import ContentError
from guardrails.core.finding import Region
from guardrails.hiding.errors import SealError
from guardrails.hiding.restoring import Restorer, restore
from guardrails.hiding.sealing import Owner, seal, unseal
from guardrails.models import pixels
from guardrails.policy import source
from guardrails.policy.problems import Problems
from guardrails.server.envoy import messages as envoy
from guardrails.server.openai import bodies, requests, sse
from guardrails.server.openai.routes import find
from guardrails.wire import convert, ext_proc_pb2, guardrails_pb2
from guardrails.wire import stream as wire_stream
from tests.fuzz.files import (
    RING,
    access,
    content_credentials,
    keyring,
    manifest,
    marks,
    routing,
    tenants,
    works,
    xmp,
)
from tests.fuzz.saying import must_be_undecodable, must_say, text_of

PIXELS = 250_000
MAPPING = {"<PERSON_1>": "Ada\n", "<EMAIL_ADDRESS_12>": "a@b.c", "<CREDIT_CARD_1>": '41"11'}
OWNER = Owner("tenant", "chat")
DECODED_PER_CHARACTER = 4 * 60
"""A form in NFKC has four characters at most, and no text is read more often than this."""
WORD = 6
"""Characters that do not come again by chance."""
ROUTES = (
    ("/v1/chat/completions", requests.CHAT, requests.CHAT_KNOWN),
    ("/v1/responses", requests.RESPONSES, requests.RESPONSES_KNOWN),
    ("/v1/messages", requests.MESSAGES, requests.MESSAGES_KNOWN),
    ("/v1/completions", requests.COMPLETIONS, requests.COMPLETIONS_KNOWN),
)


def normalise(data: bytes) -> None:
    """Every view leads back into the text, and all together are bounded."""
    text = text_of(data)
    total = 0
    for view in views(text):
        total += len(view.text)
        view.text.encode()
        if view.origins:
            assert len(view.origins) == len(view.ends) == len(view.text)
        for start in range(0, len(view.text), max(1, len(view.text) // 50)):
            span = view.original(start, start + 1)
            assert 0 <= span.start < span.end <= len(text)
    assert total <= DECODED_PER_CHARACTER * len(text)


def yaml(data: bytes) -> None:
    """A tree or problems, each with its place in the file."""
    text, problems = text_of(data), Problems()
    node = source.parse(text, "f.yaml", problems)
    told = tuple(problems.within({"f.yaml"}))
    assert node is not None or told
    lines = text.count("\n") + text.count("\r") + text.count("\x85") + 2
    lines += text.count("\u2028") + text.count("\u2029")
    assert all(0 <= one.place.line <= lines for one in told)
    if node is not None:
        json.dumps(node.plain)


def picture(data: bytes) -> None:
    """It is decoded within the limits, and covered, or refused as content."""
    try:
        decoded = pixels.decode(data, pixels=PIXELS, most=4)
        size = sum(frame.width * frame.height for frame in decoded.frames)
        assert size <= PIXELS
        assert all(len(one.rgb) == 3 * one.width * one.height for one in decoded.frames)
        covered = pixels.cover(data, {Region(0.1, 0.1, 0.9, 0.9): True}, pixels=PIXELS)
        assert pixels.decode(covered, pixels=2 * PIXELS, most=4).frames
        pixels.greys(data, short=64, most=2, pixels=PIXELS)
        pixels.colours(data, short=64, pixels=PIXELS)
    except ContentError as refused:
        must_say(refused, "picture: ")


def restorer(data: bytes) -> None:
    """However a text is cut, the same is restored."""
    text, cut = text_of(data[1:]), data[0] % 13 + 1 if data else 1
    whole = restore(text, MAPPING)
    each = Restorer(MAPPING)
    pieces = [each.feed(text[at : at + cut]) for at in range(0, len(text), cut)]
    assert "".join((*pieces, each.finish())) == whole
    begun = text.lstrip()[:1]
    if begun not in {"{", "["} and not any(name[1:-1] in text for name in MAPPING):
        assert len(whole) <= len(text) + len(text) * max(map(len, MAPPING.values()))


def token(data: bytes) -> None:
    """Nothing opens but what was sealed, for whom it was sealed."""
    genuine = seal(MAPPING, RING, OWNER, expires=60, now=0)
    for one in (text_of(data), genuine[: len(data)] + text_of(data), "g1.k1." + text_of(data)):
        try:
            assert unseal(one, RING, OWNER, now=0) == MAPPING
            assert len(one) == len(genuine)
        except SealError as refused:
            must_say(refused, "sealed token: ")


def events(data: bytes) -> None:
    """However a stream is cut, its events are the same; what is none is refused."""
    cut, stream = (data[0] % 7 + 1 if data else 1), data[1:]
    assert _events(stream, cut) == _events(stream, len(stream) + 1)


def _events(stream: bytes, cut: int) -> list[tuple[str, str]] | str:
    parser = sse.Parser(most=4096)
    found = []
    try:
        for at in range(0, len(stream), cut):
            found += list(parser.feed(stream[at : at + cut]))
        found += list(parser.finish())
    except sse.Malformed:
        return "malformed"
    return [(one.name, one.data) for one in found if one.data]


def body(data: bytes) -> None:
    """A body is read by every route, or refused; where nothing changes it is the very body."""
    try:
        parsed = bodies.parse(data)
    except ContentError:
        return
    for path, fields, known in ROUTES:
        assert find("POST", path) is not None
        try:
            read = requests.read(fields, known, parsed)
        except ContentError:
            continue
        assert read.written(read.parts) is parsed
    bodies.written(parsed)


def gateway(data: bytes) -> None:
    """A message of Envoy is read, and its headers."""
    message = ext_proc_pb2.ProcessingRequest()
    try:
        message.ParseFromString(data)
    except Exception as error:  # noqa: BLE001  # see there
        must_be_undecodable(error)
        return
    heads = envoy.heads(message.request_headers)
    assert all(name == name.lower() for name in heads)
    envoy.changes(heads)


def request(data: bytes) -> None:
    """A message on the wire is content, or refused as content."""
    for kind, read in (
        (guardrails_pb2.EvaluateRequest, convert.content),
        (guardrails_pb2.EvaluateStreamRequest, wire_stream.opening),
        (guardrails_pb2.EvaluateStreamRequest, wire_stream.piece),
    ):
        message = kind()
        try:
            message.ParseFromString(data)
        except Exception as error:  # noqa: BLE001  # see there
            must_be_undecodable(error)
            continue
        try:
            read(message)
        except ContentError as refused:
            must_say(refused)


def judged(data: bytes) -> None:
    """A text is judged: findings lie inside it, and nothing that was found passes."""
    from tests.fuzz.policy import engine  # noqa: PLC0415  # it compiles a policy

    text = text_of(data)
    verdict = asyncio.run(engine().judge(text))
    for report in verdict.reports:
        for finding in report.findings:
            if finding.where is not None:
                assert 0 <= finding.where.start < finding.where.end <= len(text)
            assert 0 <= finding.score <= 1
            if report.rule != "invisible_text" and finding.where is not None:
                found = text[finding.where.start : finding.where.end]
                assert len(found) < WORD or found not in verdict.content.text
    if verdict.action.word == "allow":
        assert verdict.content.text == text


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    one.__name__: one
    for one in (
        *(normalise, yaml, routing, picture, xmp, restorer, token, keyring, manifest),
        *(events, body, gateway, request, works, judged),
        *(access, tenants, marks, content_credentials),
    )
}
