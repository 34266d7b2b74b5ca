"""A record that is altered, moved, dropped or cut off shows."""

import json

import pytest

from guardrails.telemetry.chain import START, Anchor
from guardrails.telemetry.decisions.line import Torn, Writer, canonical, chained, tombstone
from guardrails.telemetry.decisions.verifying import verified


@pytest.fixture
def lines(written, verdict):
    """Eleven lines: how it was opened, eight verdicts and their checkpoints, how it was closed."""
    return list(written(*(verdict(number) for number in range(8))).lines(0))


def edited(line, **changes):
    return canonical({**json.loads(line), **changes})


def place_of(lines, kind, nth=0):
    return [n for n, line in enumerate(lines) if json.loads(line)["kind"] == kind][nth]


def test_a_log_as_it_was_written_is_whole(lines, keys):
    proof = verified(0, lines, verifiers=keys.verifiers)

    assert proof.broken is None
    assert proof.closed
    assert proof.records == proof.end.count == proof.signed_through == len(lines)
    assert proof.checkpoints >= 2


def test_another_action_shows(lines, keys):
    at = place_of(lines, "verdict", 3)
    lines[at] = edited(lines[at], action="allow")

    assert verified(0, lines, verifiers=keys.verifiers).broken.number == at + 1
    assert verified(0, lines).broken.number == at + 1


@pytest.mark.parametrize(
    ("spoil", "number"),
    [
        (lambda lines: lines.pop(3), 4),
        (lambda lines: lines.insert(5, lines[4]), 6),
        (lambda lines: lines.insert(2, lines.pop(6)), 3),
        (lambda lines: lines.__setitem__(4, lines[4][:40]), 5),
        (lambda lines: lines.__setitem__(4, b""), 5),
        (lambda lines: lines.__setitem__(4, b"[1]"), 5),
        (lambda lines: lines.__setitem__(4, edited(lines[4], n=9)), 5),
        (lambda lines: lines.__setitem__(4, edited(lines[4], n="5")), 5),
        (lambda lines: lines.__setitem__(4, edited(lines[4], before="00")), 5),
        (lambda lines: lines.__setitem__(4, edited(lines[4], worker=1)), 5),
        (lambda lines: lines.__setitem__(4, lines[4].replace(b",", b", ", 1)), 5),
        (lambda lines: lines.__delitem__(slice(0, 3)), 1),
        (lambda lines: lines.__delitem__(0), 1),
    ],
    ids=[
        *("dropped", "doubled", "moved", "cut", "emptied", "replaced", "renumbered", "no number"),
        *("unhinged", "of another worker", "other spaces", "beginning gone", "first gone"),
    ],
)
def test_what_is_done_to_a_record_shows(lines, keys, spoil, number):
    spoil(lines)

    assert verified(0, lines, verifiers=keys.verifiers).broken.number == number


def test_an_end_that_is_cut_off_is_not_closed_and_an_anchor_shows_it(lines):
    whole = verified(0, lines)
    short = verified(0, lines[:-3])
    kept = verified(0, lines[:-3], kept=whole.end)

    assert (short.broken, short.closed) == (None, False)
    assert kept.broken.number == len(lines) - 2
    assert verified(0, [], kept=whole.end).broken.number == 1


def test_a_log_that_was_written_anew_lacks_the_signatures(lines, keys, another_key):
    """Whoever can write the folder can make a whole chain, but cannot sign it."""
    bodies = [json.loads(line) for line in lines]
    for body in bodies:
        for name in ("n", "before", "worker", "key", "signature"):
            body.pop(name, None)
    bodies[4]["action"] = "allow"
    unsigned, _ = chained(bodies, START, Writer(0))
    others, _ = chained(bodies, START, Writer(0, another_key.signer))

    assert verified(0, unsigned).broken is None
    assert "signature" in verified(0, unsigned, verifiers=keys.verifiers).broken.why
    assert "signature" in verified(0, others, verifiers=keys.verifiers).broken.why


def test_a_log_that_was_written_anew_differs_from_the_anchor(lines):
    kept = Anchor(5, "0" * 64)

    assert "anew" in verified(0, lines, kept=kept).broken.why


def test_a_signature_of_another_record_does_not_fit(lines, keys):
    one, other = place_of(lines, "checkpoint"), place_of(lines, "closed")
    taken = json.loads(lines[other])["signature"]
    lines[one] = edited(lines[one], signature=taken)

    assert verified(0, lines, verifiers=keys.verifiers).broken.number == one + 1


@pytest.mark.parametrize("signature", ["", "!", "AAAA", 7, None, ["x"]])
def test_a_signature_that_is_none_does_not_fit(lines, keys, signature):
    at = place_of(lines, "closed")
    lines[at] = edited(lines[at], signature=signature)

    assert verified(0, lines, verifiers=keys.verifiers).broken.number == at + 1


def test_a_record_that_is_erased_without_a_note_shows(lines, keys):
    at = place_of(lines, "verdict", 2)
    lines[at] = tombstone(lines[at], json.loads(lines[at]))

    broken = verified(0, lines, verifiers=keys.verifiers).broken
    assert broken.number == at + 1
    assert "no note" in broken.why


def test_a_line_that_is_being_written_is_torn_and_not_broken(lines):
    proof = verified(0, [*lines[:-1], Torn(lines[-1][:30])])

    assert (proof.broken, proof.torn, proof.closed) == (None, True, False)


@pytest.mark.parametrize(
    "line", [b"null", b"{}", b'{"kind":1,"n":1,"before":"","worker":0}', b"\xff\x00", b"[" * 9000]
)
def test_what_was_never_a_record_is_no_error(line):
    assert verified(0, [line, line]).broken is not None


def test_a_whole_line_at_the_end_that_is_no_record_is_no_torn_one(lines):
    proof = verified(0, [*lines, b"garbage"])

    assert (proof.broken.number, proof.torn) == (len(lines) + 1, False)
    assert "it is no record" in proof.broken.why


@pytest.mark.parametrize(
    ("spoil", "number", "why"),
    [
        (lambda lines: lines.pop(3), 4, "it is missing"),
        (lambda lines: lines.__delitem__(slice(3, 6)), 4, "records 4 to 6 are missing"),
        (lambda lines: lines.insert(2, lines.pop(6)), 3, "reordered"),
        (lambda lines: lines.insert(6, lines.pop(2)), 3, "reordered"),
        (
            lambda lines: lines.insert(5, lines[4]),
            6,
            "record 5 stands in its place: it was doubled",
        ),
        (lambda lines: lines.__setitem__(4, edited(lines[4], n=9)), 5, "says that it is record 9"),
        (lambda lines: lines.__setitem__(4, edited(lines[4], at="x")), 5, "that record 6 names"),
        (lambda lines: lines.__setitem__(4, edited(lines[4], before="00")), 5, "does not name"),
        (lambda lines: lines.__setitem__(-2, edited(lines[-2], at="x")), None, "altered"),
    ],
)
def test_what_was_done_is_told_where_it_was_done(lines, spoil, number, why):
    number = number or len(lines) - 1
    spoil(lines)

    broken = verified(0, lines).broken
    assert broken.number == number
    assert why in broken.why


def test_records_that_follow_retention_are_blamed_alike(lines):
    short = lines[4:]
    short[3] = edited(short[3], at="x")

    assert verified(0, short).broken.number == 8
    assert "anew" in verified(0, lines[4:], kept=Anchor(5, "0" * 64)).broken.why


def test_another_key_is_not_called_an_alteration_alone(lines, another_key):
    why = verified(0, lines, verifiers=[another_key.signer.verifier]).broken.why

    assert "the key given is not the one that it was written with" in why
