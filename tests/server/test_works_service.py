"""The works as operators keep them: over a port of their own, on a real sidecar and store."""

import asyncio
import logging
import random
import ssl
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import grpc
import pytest
import trustme
from grpc_health.v1 import health_pb2, health_pb2_grpc

from guardrails.cli.main import main
from guardrails.client import AsyncClient, Client, Credentials
from guardrails.client.blocking import Blocking
from guardrails.client.works import WorksClient
from guardrails.core.content import answer
from guardrails.core.errors import ContentError, GuardrailsError
from guardrails.core.verdict import Action
from guardrails.core.view import Span
from guardrails.server.address import Tcp, Unix
from guardrails.server.app import Sidecar
from guardrails.server.config import Config, Tls, WorksConfig
from guardrails.wire import works_pb2 as pb
from guardrails.wire.works_pb2_grpc import WorksStub
from guardrails.works.errors import UnknownWorkError, WorksError
from guardrails.works.library import Library, Original
from guardrails.works.stores.opening import open_store
from guardrails.works.work import Consent, Kind, Work, content_hash

PORT = Tcp("127.0.0.1", 0)
PICTURE = (Path(__file__).parent.parent / "pictures/astronaut.jpg").read_bytes()
CODE = """
def weave(threads, width):
    rows = []
    for number, thread in enumerate(threads):
        if number % width == 0:
            rows.append([])
        rows[-1].append(thread if number % 2 else thread[::-1])
    return [tuple(row) for row in rows if len(row) == width]


def unravel(rows):
    for row in rows:
        for position, thread in enumerate(row):
            yield thread if position % 2 else thread[::-1]
"""
POLICY = """
policy: writing
output:
  - check: copied_text
    with: {store: store, collection: novels}
    then: block
"""


def prose(seed: int, count: int = 400) -> str:
    """Words that nobody wrote, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311  # no secret
    letters = "aeioulmnrstk"
    known = ["".join(chance.choices(letters, k=chance.randint(3, 8))) for _ in range(300)]
    return " ".join(chance.choices(known, k=count))


def text_work(identity: str, **known) -> Work:
    return Work(identity, Kind.TEXT, **{"title": identity.title(), "owner": "Ada", **known})


NOVEL = (text_work("novel", licence="all rights reserved"), prose(1))
ESSAY = (text_work("essay"), prose(2))
LETTERS = (text_work("letters", owner="Ben"), prose(3))
WEAVING = (Work("weaving.py", Kind.CODE, "weaving", "Cleo", licence="MIT"), CODE)
PORTRAIT = (Work("portrait", Kind.IMAGE, "Portrait", "NASA"), PICTURE)
NAME = (Work("dora", Kind.NAME, "Dora Quill", aliases=("D. Quill", "dq")), "")
EVERYTHING = (NOVEL, ESSAY, LETTERS, WEAVING, PORTRAIT, NAME)


@pytest.fixture
def run():
    """Run coroutines on a loop of their own, as a sidecar needs."""
    blocking = Blocking()
    yield blocking.run
    blocking.close()


@pytest.fixture(scope="module")
def policies(tmp_path_factory):
    """A policy that is warm at once."""
    folder = tmp_path_factory.mktemp("policies")
    (folder / "plain.yaml").write_text("policy: plain\n")
    return folder


@pytest.fixture
def sidecar(run, policies, models, tmp_path, monkeypatch):
    """Start sidecars whose works are in one store."""
    running: list[Sidecar] = []

    async def begin(policies: Path, tls: Tls | None, **doors: Tcp | Unix) -> Sidecar:
        socket = Unix(tmp_path / f"s{len(running)}")
        works = WorksConfig(str(tmp_path / "store"), **({"manage": socket} | doors))
        running.append(Sidecar(Config(policies, PORT, tls, works=works), models))
        await running[-1].start()
        return running[-1]

    monkeypatch.setattr("guardrails.server.app.LOOK_AWAY_SECONDS", 0.0)  # nobody is on the way
    yield lambda where=policies, tls=None, **doors: run(begin(where, tls, **doors))
    for one in running:
        run(one.stop())


@pytest.fixture
def port(sidecar) -> str:
    return sidecar().works.manage


@pytest.fixture
def client(port):
    with WorksClient(port, "novels") as made:
        yield made


@pytest.fixture
def filled(client):
    client.add(EVERYTHING, reason="a test")
    return client


def test_works_of_every_kind_are_added_and_told(filled):
    known = {work.id: work for work in filled.list()}

    assert list(known) == sorted(work.id for work, _ in EVERYTHING)
    assert known["novel"] == replace(
        NOVEL[0], content_hash=content_hash(NOVEL[1].encode()), added=known["novel"].added
    )
    assert known["dora"].aliases == ("D. Quill", "dq")
    assert known["novel"].added.tzinfo is not None


def test_what_is_there_already_is_passed_over(filled):
    again = filled.add([NOVEL, (ESSAY[0], prose(9))])

    assert (again.added, again.unchanged, again.failed) == (1, 1, ())


def test_a_stream_of_many_works_is_kept_in_batches(client):
    many = [(text_work(f"poem-{number:04}"), prose(number, 40)) for number in range(700)]

    added = client.add(many)

    assert added.added == 700
    assert len(list(client.list())) == 700


def test_a_work_that_has_no_fingerprint_costs_only_itself(client):
    broken = (Work("torn", Kind.IMAGE), b"\x89PNG\r\n\x1a\n torn")

    added = client.add([NOVEL, broken, ESSAY])

    assert added.added == 2
    assert len(added.failed) == 1
    assert added.failed[0].startswith("works: 'torn': ")


def test_what_goes_wrong_while_works_are_read_reaches_the_caller(client):
    def reading():
        yield NOVEL
        raise FileNotFoundError("the next file")

    with pytest.raises(FileNotFoundError, match="the next file"):
        client.add(reading())
    assert [work.id for work in client.list()] == ["novel"]


@pytest.mark.parametrize(
    ("ask", "ids"),
    [
        (lambda works: works.list(Kind.TEXT), ["essay", "letters", "novel"]),
        (lambda works: works.list(owner="Ada"), ["essay", "novel"]),
        (lambda works: works.list(Kind.CODE, Consent.UNKNOWN), ["weaving.py"]),
        (lambda works: works.list(consent=Consent.TAKEN_DOWN), []),
        (lambda works: works.search("ADA nov"), ["novel"]),
        (lambda works: works.search("quill"), ["dora"]),
        (lambda works: works.search("nothing of the kind"), None),
    ],
)
def test_works_are_listed_and_searched(filled, ask, ids):
    assert [work.id for work in ask(filled)] == (ids or [])


@pytest.mark.usefixtures("filled")
def test_a_list_comes_in_pages(port):
    with grpc.insecure_channel(port) as channel:
        stub = WorksStub(channel)
        first = stub.List(pb.ListRequest(collection="novels", limit=4))
        rest = stub.List(pb.ListRequest(collection="novels", limit=4, after=first.next))

    assert [len(first.works), len(rest.works), rest.next] == [4, 2, ""]
    assert first.next == first.works[-1].id < rest.works[0].id


def test_what_owners_say_is_noted_by_work_and_by_owner(filled):
    assert filled.takedown(["letters"], reason="court order") == 1
    assert filled.opt_out(owner="Ada", reason="their wish") == 2
    assert filled.allow(["weaving.py", "no such work"]) == 1

    said = {work.id: work.consent for work in filled.list()}
    assert said["letters"] is Consent.TAKEN_DOWN
    assert said["novel"] is said["essay"] is Consent.OPTED_OUT
    assert said["weaving.py"] is Consent.ALLOWED
    assert said["portrait"] is Consent.UNKNOWN


def test_works_are_removed_by_id_and_by_owner(filled):
    assert filled.remove(["novel", "no such work"]) == 1
    assert filled.remove(owner="Ben") == 1

    with pytest.raises(UnknownWorkError, match="no work 'novel' in 'novels'"):
        filled.get("novel")
    assert filled.lookup(NOVEL[1]) == []


def test_a_text_is_looked_up_with_the_places_in_both(filled):
    words = NOVEL[1].split()
    before = "Quite another beginning, that is mine. "
    taken = " ".join([*words[100:130], "changed", *words[131:180]])

    (match,) = filled.lookup(before + taken)

    assert match.work.id == "novel"
    assert match.score > 0.9
    assert match.where == Span(len(before), len(before + taken))
    assert (match.start, match.end) == (101, 180)
    assert (match.matched, match.changed, match.longest) == (79, 1, 49)


def test_code_with_other_names_is_looked_up(filled):
    renamed = CODE.replace("threads", "items").replace("rows", "lines").replace("weave", "f")

    (match,) = filled.lookup(renamed)

    assert match.work.id == "weaving.py"
    assert match.work.licence == "MIT"
    assert match.start < match.end <= CODE.count("\n") + 1


def test_a_picture_is_looked_up_with_the_region_in_both(filled):
    (match,) = filled.lookup(PICTURE)

    assert match.work.id == "portrait"
    for region in (match.where, match.region):
        corners = (region.left, region.top, region.right, region.bottom)
        assert corners == pytest.approx((0.0, 0.0, 1.0, 1.0), abs=0.05)


def test_a_lookup_may_ask_for_faint_likenesses_too(filled):
    stretch = " ".join(NOVEL[1].split()[50:62])

    assert filled.lookup(stretch) == []
    assert [match.work.id for match in filled.lookup(stretch, least_score=0.01)] == ["novel"]


def test_works_are_counted(filled, port):
    filled.takedown(["letters"])
    with WorksClient(port, "other") as other:
        other.add([(text_work("x"), prose(5))])
    counted = filled.stats()
    with grpc.insecure_channel(port) as channel:
        all_of_them = WorksStub(channel).Stats(pb.StatsRequest())

    assert counted.kinds == {"text": 3, "code": 1, "image": 1, "name": 1}
    assert counted.consents == {"unknown": 5, "taken_down": 1}
    assert counted.owners == 5
    assert [one.collection for one in all_of_them.collections] == ["novels", "other"]


def test_the_journal_tells_what_was_done_and_proves_it(filled):
    filled.takedown(["letters"], reason="court order")
    before = filled.journal()
    filled.remove(["essay"])
    after = filled.journal(len(before.records), before.records[-1].hash)

    assert [record.act for record in after.records][-2:] == ["take_down", "remove"]
    assert after.records[-2].reason == "court order"
    assert before.verified
    assert after.verified


def test_a_journal_that_does_not_hold_its_anchor_is_not_verified(filled):
    journal = filled.journal(3, "0" * 64)

    assert not journal.verified
    assert journal.broken_at == 3
    assert journal.broken_why == "it differs from the anchor: the journal was written anew"
    assert len(journal.records) == len(EVERYTHING)


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda works: works.takedown(), ContentError, "no works are named, give their ids"),
        (lambda works: works.remove(), ContentError, "no works are named, give their ids"),
        (lambda works: works.lookup(b"no picture"), ContentError, "picture: not a PNG, JPEG"),
        (lambda works: works.lookup("x" * 200_001), ContentError, "200,001 characters, 200,000"),
        (lambda works: works.get("lost"), UnknownWorkError, "no work 'lost' in 'novels'"),
        (lambda works: works.add([(Work("", Kind.TEXT), "x")]), ContentError, "has no id"),
        (lambda works: works.add([(Work("a", Kind.TEXT), b"x")]), ContentError, "given as text"),
        (lambda works: works.add([(Work("a", Kind.HASHED), "x")]), ContentError, "are imported"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_the_way_out(filled, ask, error, message):
    with pytest.raises(error, match=message):
        ask(filled)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("request_", "code", "message"),
    [
        (("List", pb.ListRequest(collection="novel")), "NOT_FOUND", "there is: 'novels'"),
        (("Lookup", pb.LookupRequest(collection="x", text="y")), "NOT_FOUND", "'novels'"),
        (("Stats", pb.StatsRequest(collection="x")), "NOT_FOUND", "'novels'"),
        (("Lookup", pb.LookupRequest()), "INVALID_ARGUMENT", "nothing to look up, set its text"),
        (("List", pb.ListRequest()), "INVALID_ARGUMENT", "no collection is named"),
        (("List", pb.ListRequest(collection="novels", limit=1001)), "INVALID_ARGUMENT", "1,000"),
        (("List", pb.ListRequest(collection="novels", kind=77)), "INVALID_ARGUMENT", "kind 77"),
        (("Credits", pb.CreditsRequest(since="May")), "INVALID_ARGUMENT", "no time, give one"),
        (
            ("Credits", pb.CreditsRequest(until="2026-01-01T00:00")),
            "INVALID_ARGUMENT",
            "without its zone",
        ),
        (
            (
                "SetConsent",
                pb.SetConsentRequest(
                    collection="typo", works=pb.Chosen(ids=["novel"]), consent="CONSENT_TAKEN_DOWN"
                ),
            ),
            "NOT_FOUND",
            "no collection 'typo' in the store, there is: 'novels'",
        ),
        (
            ("SetConsent", pb.SetConsentRequest(collection="x", works=pb.Chosen(owner="Ada"))),
            "INVALID_ARGUMENT",
            "consent is not set",
        ),
    ],
)
def test_other_callers_are_told_by_status(port, request_, code, message):
    method, request = request_
    with grpc.insecure_channel(port) as channel, pytest.raises(grpc.RpcError) as raised:
        getattr(WorksStub(channel), method)(request)

    assert raised.value.code().name == code
    assert message in raised.value.details()


def test_a_stream_for_two_collections_is_refused(port):
    sent = [
        pb.AddRequest(collection="one", work=pb.Work(id="a", kind=pb.KIND_TEXT), text="x"),
        pb.AddRequest(collection="two", work=pb.Work(id="b", kind=pb.KIND_TEXT), text="x"),
    ]
    with grpc.insecure_channel(port) as channel, pytest.raises(grpc.RpcError) as raised:
        WorksStub(channel).Add(iter(sent))

    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert raised.value.details() == "works of several collections, send a stream for each"


@pytest.mark.parametrize(
    "call",
    [
        lambda channel: channel.unary_unary("/guardrails.v1.Works/List")(b"\xff\xff"),
        lambda channel: channel.stream_unary("/guardrails.v1.Works/Add")(iter([b"\xff\xff"])),
    ],
)
def test_bytes_that_are_no_message_are_refused(port, call):
    with grpc.insecure_channel(port) as channel, pytest.raises(grpc.RpcError) as raised:
        call(channel)

    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_it_is_healthy_under_its_own_name(port):
    with grpc.insecure_channel(port) as channel:
        request = health_pb2.HealthCheckRequest(service="guardrails.v1.Works")
        status = health_pb2_grpc.HealthStub(channel).Check(request).status

    assert status == health_pb2.HealthCheckResponse.SERVING


def test_works_are_not_kept_on_the_port_that_judges(sidecar):
    with (
        WorksClient(sidecar().address, "novels") as works,
        pytest.raises(GuardrailsError, match="UNIMPLEMENTED"),
    ):
        works.takedown(["novel"])


def test_nothing_is_judged_on_the_port_of_the_works(port):
    with Client(port) as client, pytest.raises(GuardrailsError, match="UNIMPLEMENTED"):
        client.evaluate(answer("x"), policy="plain")


def test_its_socket_is_for_its_owner_alone(sidecar, tmp_path):
    path = tmp_path / "works.sock"
    with WorksClient(sidecar(manage=Unix(path)).works.manage, "novels") as works:
        works.add([NOVEL])

    assert path.stat().st_mode & 0o777 == 0o600


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """An authority, and files of a server that it knows, which asks clients to be known too."""
    folder, authority = tmp_path_factory.mktemp("tls"), trustme.CA()
    server = authority.issue_cert("localhost")
    server.private_key_pem.write_to_path(folder / "key.pem")
    server.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    return authority, Tls(folder / "cert.pem", folder / "key.pem", folder / "ca.pem")


def test_both_ports_show_and_ask_for_certificates_as_the_sidecar_does(sidecar, known):
    authority, tls = known
    works = sidecar(tls=tls, manage=PORT, lookup=PORT).works
    mine = authority.issue_cert("operator.example")
    shown = Credentials(
        authority.cert_pem.bytes(), mine.cert_chain_pems[0].bytes(), mine.private_key_pem.bytes()
    )
    address, page = (one.replace("127.0.0.1", "localhost") for one in (works.manage, works.lookup))
    stranger, operator = (
        ssl.create_default_context(cafile=tls.client_ca),
        ssl.create_default_context(),
    )
    authority.configure_trust(operator)
    mine.configure_cert(operator)

    with WorksClient(address, "novels", credentials=shown) as client:
        assert client.add([NOVEL]).added == 1
    with (
        WorksClient(address, "novels", credentials=Credentials(shown.ca), timeout=5) as client,
        pytest.raises(GuardrailsError),
    ):
        client.add([NOVEL])
    assert page.startswith("https://")
    with urllib.request.urlopen(page, context=operator) as got:  # noqa: S310  # our own page
        assert got.status == 200
    with pytest.raises((OSError, urllib.error.URLError)):
        urllib.request.urlopen(page, context=stranger)  # noqa: S310  # our own page


@pytest.mark.parametrize(("host", "warned"), [("127.0.0.1", False), ("0.0.0.0", True)])  # noqa: S104
def test_a_port_that_others_can_reach_is_warned_of(sidecar, caplog, host, warned):
    with caplog.at_level(logging.WARNING, "guardrails.server"):
        sidecar(manage=Tcp(host, 0))

    assert ("whoever reaches" in caplog.text) is warned


def test_a_store_that_is_not_there_is_not_made_for_lookups(policies, models, run, tmp_path):
    works = WorksConfig(str(tmp_path / "typo"), lookup=PORT)

    async def begin() -> None:
        made = Sidecar(Config(policies, PORT, works=works), models)
        try:
            await made.start()
        finally:
            await made.stop()

    with pytest.raises(WorksError, match="make one with 'guardrails works import'"):
        run(begin())

    assert not (tmp_path / "typo").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--works", "store"], "--works goes with --manage, --lookup or both"),
        (["--manage"], "--works goes with --manage, --lookup or both"),
        (["--lookup", "127.0.0.1:0"], "--works goes with --manage, --lookup or both"),
        (
            ["--works", "store", "--manage", "--lookup-collection", "x"],
            "--lookup-collection goes with --lookup",
        ),
    ],
)
def test_options_that_do_not_go_together_are_told(policies, capsys, options, message):
    assert main(["serve", "--policies", str(policies), *options]) == 2
    assert message in capsys.readouterr().err


@pytest.fixture
def judged(sidecar, tmp_path):
    """A sidecar that blocks copies of novels, and the client that keeps its works."""
    store = open_store(str(tmp_path / "store"))
    Library(store, "novels").add([Original(*ESSAY)])
    store.close()
    (tmp_path / "writing.yaml").write_text(POLICY)
    started = sidecar(tmp_path)
    with WorksClient(started.works.manage, "novels") as works, Client(started.address) as client:
        yield works, lambda text: client.evaluate(answer(text), policy="writing")


def test_every_change_holds_for_whatever_is_asked_after_it(judged):
    works, judge = judged
    copy = "As somebody wrote: " + " ".join(NOVEL[1].split()[20:120])

    told = [judge(copy).action]
    for change in (
        lambda: works.add([NOVEL]),
        lambda: works.allow(["novel"]),
        lambda: works.takedown(["novel"], reason="the owner asked"),
        lambda: works.allow(owner="Ada"),
        lambda: works.opt_out(owner="Ada"),
        lambda: works.remove(["novel"]),
    ):
        change()
        told.append(judge(copy).action)

    assert told == [
        Action.ALLOW,
        Action.BLOCK,
        Action.FLAG,
        Action.BLOCK,
        Action.FLAG,
        Action.BLOCK,
        Action.ALLOW,
    ]


def test_a_takedown_holds_at_once_amid_other_requests(judged):
    works, judge = judged
    copy = " ".join(NOVEL[1].split()[20:120])
    works.add([NOVEL])
    works.allow(["novel"])

    async def amid() -> list[Action]:
        flood = [asyncio.create_task(asyncio.to_thread(judge, copy)) for _ in range(30)]
        await asyncio.to_thread(works.takedown, ["novel"])
        after = [asyncio.to_thread(judge, copy) for _ in range(10)]
        verdicts = await asyncio.gather(*after)
        await asyncio.gather(*flood)
        return [one.action for one in verdicts]

    assert asyncio.run(amid()) == [Action.BLOCK] * 10


def test_a_takedown_holds_for_every_sidecar_of_the_store(judged, sidecar, tmp_path):
    works, _ = judged
    copy = " ".join(NOVEL[1].split()[20:120])
    works.add([NOVEL])
    works.allow(["novel"])

    async def ask(address: str) -> Action:
        async with AsyncClient(address) as client:
            return (await client.evaluate(answer(copy), policy="writing")).action

    other = sidecar(tmp_path).address
    before = asyncio.run(ask(other))
    works.takedown(["novel"])

    assert (before, asyncio.run(ask(other))) == (Action.FLAG, Action.BLOCK)


def test_what_copies_owe_is_summed_by_owner(judged):
    works, judge = judged
    works.add([NOVEL])
    works.allow(["novel"])
    since = datetime.now(UTC)
    for _ in range(3):
        judge(" ".join(NOVEL[1].split()[20:120]))
    for _ in range(100):
        if sum(one.queries for one in works.credits(since)) == 3:
            break
        asyncio.run(asyncio.sleep(0.05))

    (owed,) = works.credits(since)
    assert (owed.owner, owed.queries, owed.words) == ("Ada", 3, 300)
    assert works.credits(until=since) == []


def test_texts_and_reasons_are_not_in_its_log(filled, caplog):
    with caplog.at_level(logging.DEBUG):
        filled.takedown(["letters"], reason="secretreason")
        filled.lookup(NOVEL[1])
        with pytest.raises(ContentError):
            filled.lookup("secretword " * 20_000)

    assert "secret" not in caplog.text
    assert NOVEL[1].split()[0] not in caplog.text
