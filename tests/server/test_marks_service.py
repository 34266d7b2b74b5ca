"""Marks over the wire: on a port of their own, on a real sidecar, with its own marks and keys."""

import asyncio
import base64
import io
import logging
import time
from pathlib import Path
from pydoc_data.topics import topics

import grpc
import numpy as np
import pytest
import trustme
from grpc_health.v1 import health_pb2, health_pb2_grpc
from PIL import Image as Pillow

import guardrails
from guardrails.cli.main import main
from guardrails.client import Client, Credentials
from guardrails.client.blocking import Blocking
from guardrails.client.marks import AsyncMarksClient, MarksClient
from guardrails.core.content import answer
from guardrails.core.errors import (
    ContentError,
    GuardrailsError,
    OverloadedError,
    PolicyError,
    SidecarError,
)
from guardrails.core.mark import Decision
from guardrails.core.view import Span
from guardrails.keyring import Key
from guardrails.marks.sampling import prf
from guardrails.marks.sampling.kgw import Kgw
from guardrails.marks.sampling.reading import tokenizer_in
from guardrails.marks.sampling.sampler import Sampler
from guardrails.server.address import Tcp, Unix
from guardrails.server.app import Sidecar
from guardrails.server.config import Config, Limits, MarksConfig, Tls
from guardrails.wire import marks_pb2 as pb
from guardrails.wire.marks_pb2_grpc import MarksStub

PORT = Tcp("127.0.0.1", 0)
LIMITS = Limits()
PICTURE = (Path(__file__).parents[1] / "pictures/astronaut.jpg").read_bytes()
TOKENIZER = Path(guardrails.__file__).parent / "models/zoo/text_guard/tokenizer.json"
SECRET = b"A" * 32
KEYS = f"k2:{base64.b64encode(b'B' * 32).decode()}\nk1:{base64.b64encode(SECRET).decode()}\n"
MARKS = f"""
keys_file: keys.txt
marks:
  - mark: lexical
    embed: true
  - mark: spread_spectrum
    with: {{payload: c0ffee}}
    embed: true
  - mark: zero_width
  - mark: kgw
    name: writer
    with: {{tokenizer: {TOKENIZER}}}
"""
PROSE = "\n".join(topics.values())[:20_000]
"""Python's own manual."""


@pytest.fixture(scope="module")
def run():
    """Run coroutines on a loop of their own, as a sidecar needs."""
    blocking = Blocking()
    yield blocking.run
    blocking.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A policy that is warm at once, keys and marks."""
    made = tmp_path_factory.mktemp("served")
    (made / "policies").mkdir()
    (made / "policies/plain.yaml").write_text("policy: plain\n")
    (made / "keys.txt").write_text(KEYS)
    (made / "marks.yaml").write_text(MARKS)
    return made


@pytest.fixture(scope="module")
def sidecar(run, folder, models):
    """Start sidecars that serve marks."""
    running: list[Sidecar] = []

    async def begin(
        listen: Tcp | Unix, tls: Tls | None, limits: Limits, file: str, *, served: bool
    ) -> Sidecar:
        marks = MarksConfig(folder / file, listen) if served else None
        running.append(Sidecar(Config(folder / "policies", PORT, tls, limits, marks=marks), models))
        await running[-1].start()
        return running[-1]

    def started(listen=PORT, tls=None, limits=LIMITS, file="marks.yaml", *, served=True):
        return run(begin(listen, tls, limits, file, served=served))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("guardrails.server.app.LOOK_AWAY_SECONDS", 0.0)  # nobody is on the way
        yield started
        for one in running:
            run(one.stop())


@pytest.fixture(scope="module")
def judging(sidecar) -> Sidecar:
    return sidecar()


@pytest.fixture(scope="module")
def port(judging) -> str:
    return judging.marks.address


@pytest.fixture
def client(port):
    with MarksClient(port) as made:
        yield made


def saved(picture: bytes, **options) -> bytes:
    file = io.BytesIO()
    with Pillow.open(io.BytesIO(picture)) as opened:
        opened.convert("RGB").save(file, "JPEG", **options)
    return file.getvalue()


def noise(side: int) -> bytes:
    """A picture that has no mark, so that all of the search is done."""
    pixels = np.random.default_rng(5).integers(0, 256, (side, side, 3), np.uint8)
    file = io.BytesIO()
    Pillow.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def written(key: Key, tokens: int) -> str:
    """Words of one token each, as a generator that marks with this key chooses them."""
    tokenizer = tokenizer_in(TOKENIZER)
    words = sorted(
        word
        for word in set("".join(topics.values()).lower().split())
        if word.isalpha() and len(tokenizer.read(f" {word}")) == 1
    )
    ids = np.array([tokenizer.read(f" {word}").ids[0] for word in words])
    sampler, chance = Sampler(Kgw(), prf.secret(key, "kgw")), np.random.default_rng(8)
    last, chosen = [5, 5], []
    for _ in range(tokens):
        logits = np.full((1, ids.max() + 1), -np.inf, np.float32)
        logits[0, ids] = chance.gumbel(size=len(ids)) * 0.5
        token = int(sampler(np.array([last]), logits)[0].argmax())
        chosen.append(words[int(np.flatnonzero(ids == token)[0])])
        last = [last[1], token]
    return " ".join(chosen)


def test_a_text_is_marked_and_the_mark_is_found_with_its_key(client):
    marked = client.embed(PROSE, "lexical")

    assert marked.key_id == "k2"
    assert marked.subject != PROSE
    found = client.detect(marked.subject, ["lexical"])["lexical"]
    assert (found.decision, found.key_id) == (Decision.MARKED, "k2")
    assert found.p_value < 0.01
    assert found.z > 2
    assert found.tokens > 20


def test_a_picture_is_found_with_key_and_payload_after_jpeg(client):
    marked = client.embed(PICTURE, "spread_spectrum").subject

    found = client.detect(saved(marked, quality=60))["spread_spectrum"]
    assert (found.decision, found.key_id, found.payload) == (Decision.MARKED, "k2", "c0ffee")
    assert found.p_value < 1e-6


def test_what_is_not_marked_is_not_found(client):
    texts = client.detect(PROSE, ["lexical", "zero_width"])
    pictures = client.detect(PICTURE)

    assert [one.decision for one in texts.values()] == [Decision.UNMARKED] * 2
    assert [one.decision for one in pictures.values()] == [Decision.UNMARKED]
    assert {one.key_id for one in (*texts.values(), *pictures.values())} == {""}


def test_all_marks_of_such_a_subject_are_looked_for_when_none_are_named(client):
    assert list(client.detect("It is often so.")) == ["lexical", "zero_width", "writer"]
    assert list(client.detect(PICTURE)) == ["spread_spectrum"]


def test_of_a_short_text_nothing_can_be_said_and_why_is_told(client):
    found = client.detect("It is often so.", ["lexical"])["lexical"]

    assert found.decision is Decision.UNDECIDABLE
    assert found.tokens == 2
    assert found.reason == "2 words tell, too few for a false-positive rate of 0.01"


def test_a_passage_of_a_generator_is_found_in_a_longer_text_with_its_span(client):
    before, after = topics["with"], topics["for"]
    passage = f" {written(Key('k1', SECRET), 150)} "

    found = client.detect(before + passage + after, ["writer"])["writer"]

    assert (found.decision, found.key_id) == (Decision.MARKED, "k1")  # the older key of two
    assert isinstance(found.where, Span)
    assert abs(found.where.start - len(before)) < 150
    assert abs(found.where.end - len(before) - len(passage)) < 150


def test_the_rate_that_is_asked_for_decides(client):
    marked = client.embed(PROSE[:8_000], "lexical").subject
    p_value = client.detect(marked, ["lexical"])["lexical"].p_value

    def decided(rate):
        found = client.detect(marked, ["lexical"], false_positive_rate=rate)["lexical"]
        assert found.p_value == pytest.approx(p_value)
        return found.decision, found.key_id

    assert decided(p_value * 2) == (Decision.MARKED, "k2")
    decision, key_id = decided(p_value / 2)
    assert decision is not Decision.MARKED
    assert key_id == ""
    short = client.detect("It is often so.", ["lexical"], false_positive_rate=0.5)["lexical"]
    assert short.decision is not Decision.UNDECIDABLE  # two words are enough for that


def test_what_is_served_is_listed(client):
    told = [(one.name, one.kind, one.key_id, one.embeds) for one in client.list()]

    assert told == [
        ("lexical", "lexical", "k2", True),
        ("spread_spectrum", "spread_spectrum", "k2", True),
        ("zero_width", "zero_width", "k2", False),
        ("writer", "kgw", "k2", False),
    ]


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda marks: marks.detect("x", ["lexicl"]),
            (
                "no mark 'lexicl', there is: 'lexical' (texts), 'spread_spectrum' (pictures), "
                "'zero_width' (texts), 'writer' (texts)"
            ),
        ),
        (
            lambda marks: marks.detect("x", ["spread_spectrum"]),
            "mark 'spread_spectrum' is of pictures, there is: 'lexical' (texts),",
        ),
        (lambda marks: marks.embed("x", ""), "no mark is named, there is: 'lexical' (texts),"),
        (
            lambda marks: marks.embed(PROSE, "zero_width"),
            (
                "mark 'zero_width' is only looked for here, "
                "its operator has to write 'embed: true' beside it"
            ),
        ),
        (
            lambda marks: marks.embed(PROSE, "writer"),
            (
                "mark 'kgw' is put in while text is generated, "
                "give the generator a processor of guardrails.marks.sampling"
            ),
        ),
        (lambda marks: marks.detect(b"no picture"), "picture: not a PNG, JPEG"),
        (lambda marks: marks.embed(b"no picture", "spread_spectrum"), "picture: not a PNG, JPEG"),
        (lambda marks: marks.embed(noise(64), "spread_spectrum"), "128"),
        (
            lambda marks: marks.detect("x" * 200_001),
            "the text has 200,001 characters, 200,000 are looked at at most",
        ),
        (
            lambda marks: marks.detect("x", false_positive_rate=1.5),
            "a false-positive rate of 1.5, ask for one from 1e-12 to 0.5",
        ),
        (lambda marks: marks.detect("x", false_positive_rate=float("nan")), "rate of nan, ask"),
        (lambda marks: marks.detect("a\ud800"), "lone surrogate at character 1, send text that"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_way_out(client, ask, message):
    with pytest.raises(ContentError) as refused:
        ask(client)

    assert message in str(refused.value)


@pytest.mark.parametrize("method", ["Detect", "Embed"])
def test_other_callers_are_told_by_status(port, method):
    request = {"Detect": pb.DetectRequest(), "Embed": pb.EmbedRequest(mark="lexical")}[method]
    with grpc.insecure_channel(port) as channel, pytest.raises(grpc.RpcError) as raised:
        getattr(MarksStub(channel), method)(request)

    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert raised.value.details() == "nothing to look at, set its text or its picture"


def test_who_is_late_is_told_so_and_holds_up_nobody(port):
    start = time.monotonic()
    with MarksClient(port, timeout=0.05) as hasty, pytest.raises(SidecarError, match="DEADLINE"):
        hasty.detect(noise(1024))
    with MarksClient(port) as patient:
        patient.detect("It is often so.")

    assert time.monotonic() - start < 5


async def test_who_comes_when_there_is_no_room_is_turned_away(sidecar):
    address = sidecar(limits=Limits(in_flight=8, waiting=1)).marks.address
    async with AsyncMarksClient(address) as client:
        asked = await asyncio.gather(
            *(client.detect("word " * 40_000, ["writer"]) for _ in range(6)),
            return_exceptions=True,
        )

    refused = [one for one in asked if isinstance(one, OverloadedError)]
    assert len(refused) == 4
    assert "1 requests wait already, try again later" in str(refused[0])


def test_a_message_that_is_too_large_is_refused(sidecar):
    address = sidecar(limits=Limits(message_bytes=100_000)).marks.address
    with MarksClient(address) as client, pytest.raises(OverloadedError, match="larger than"):
        client.detect(noise(512))


async def test_verdicts_do_not_wait_for_a_search(judging, port):
    picture = noise(512)
    async with AsyncMarksClient(port) as marks:
        searches = [asyncio.create_task(marks.detect(picture)) for _ in range(2)]
        await asyncio.sleep(0.05)
        with Client(judging.address) as client:
            await asyncio.to_thread(client.evaluate, answer("x"), policy="plain")
        assert not all(one.done() for one in searches)
        await asyncio.gather(*searches)


def test_what_is_sent_is_not_in_the_log(client, caplog):
    with caplog.at_level(logging.DEBUG, "guardrails"):
        client.detect("hunter2 is a secret", ["lexical"])
        for subject in (b"hunter2", "hunter2" * 50_000):
            with pytest.raises(ContentError):
                client.detect(subject)

    assert "INVALID_ARGUMENT ContentError" in caplog.text
    assert "hunter2" not in caplog.text


def test_it_is_healthy_under_its_own_name(port):
    with grpc.insecure_channel(port) as channel:
        request = health_pb2.HealthCheckRequest(service="guardrails.v1.Marks")
        status = health_pb2_grpc.HealthStub(channel).Check(request).status

    assert status == health_pb2.HealthCheckResponse.SERVING


def test_marks_are_not_looked_for_on_the_port_that_judges(judging):
    with MarksClient(judging.address) as marks, pytest.raises(SidecarError, match="UNIMPLEMENTED"):
        marks.detect(PROSE)


def test_nothing_is_judged_on_the_port_of_the_marks(port):
    with Client(port) as client, pytest.raises(GuardrailsError, match="UNIMPLEMENTED"):
        client.evaluate(answer("x"), policy="plain")


def test_without_a_file_no_marks_are_served(sidecar):
    assert sidecar(served=False).marks is None


def test_its_socket_is_for_its_owner_alone(sidecar, tmp_path):
    path = tmp_path / "marks.sock"
    with MarksClient(sidecar(Unix(path)).marks.address) as marks:
        assert marks.list()

    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("host", "warned"), [("127.0.0.1", False), ("0.0.0.0", True)])  # noqa: S104
def test_a_port_that_others_can_reach_is_warned_of(sidecar, caplog, host, warned):
    with caplog.at_level(logging.WARNING, "guardrails.server"):
        sidecar(Tcp(host, 0))

    assert ("may use 'guardrails.v1.Marks'" in caplog.text) is warned


def test_it_shows_and_asks_for_certificates_as_the_sidecar_does(sidecar, tmp_path):
    authority = trustme.CA()
    server, mine = authority.issue_cert("localhost"), authority.issue_cert("finder.example")
    server.private_key_pem.write_to_path(tmp_path / "key.pem")
    server.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    tls = Tls(tmp_path / "cert.pem", tmp_path / "key.pem", tmp_path / "ca.pem")
    address = sidecar(tls=tls).marks.address.replace("127.0.0.1", "localhost")
    ca = authority.cert_pem.bytes()
    shown = Credentials(ca, mine.cert_chain_pems[0].bytes(), mine.private_key_pem.bytes())

    with MarksClient(address, credentials=shown) as client:
        assert client.list()
    stranger = MarksClient(address, credentials=Credentials(ca), timeout=5)
    with stranger, pytest.raises(GuardrailsError):
        stranger.list()


def test_a_file_that_is_wrong_ends_the_start(sidecar, folder):
    (folder / "wrong.yaml").write_text("keys_file: keys.txt\nmarks:\n  - mark: lexicl\n")

    with pytest.raises(PolicyError, match="3:11: unknown mark 'lexicl', did you mean"):
        sidecar(file="wrong.yaml")


def test_options_that_do_not_go_together_are_told(folder, capsys):
    options = ["--policies", str(folder / "policies"), "--marks-listen", "127.0.0.1:0"]
    assert main(["serve", *options]) == 2
    assert "--marks-listen goes with --marks FILE" in capsys.readouterr().err
