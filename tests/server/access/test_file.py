"""The file of callers: what is wrong with it is told with its place, and never with a token."""

from textwrap import indent

import pytest

from guardrails.cli.main import main
from guardrails.core.errors import PolicyError, UnknownCallerError
from guardrails.server.access.callers import digest_of
from guardrails.server.access.file import read

TOKEN = "gr_0123456789abcdef0123456789abcdef0123"
HASH = digest_of(TOKEN)


def written(tmp_path, *callers):
    file = tmp_path / "access.yaml"
    items = (indent(caller.strip(), "    ").replace("    ", "  - ", 1) for caller in callers)
    file.write_text("callers:\n" + "\n".join(items) + "\n")
    return file


GOOD = f"name: a\ntoken_sha256: {HASH}\ntenant: acme\npolicies: [chat]\nscopes: [evaluate]"


@pytest.mark.parametrize(
    ("caller", "place", "message"),
    [
        (
            f"name: a\ntoken: {TOKEN}\nscopes: [reload]",
            "3:12",
            (
                "a token does not stand in this file: write 'token_sha256', '${env:NAME}' or "
                "'token_file', and make one with 'guardrails access token'"
            ),
        ),
        (f"name: a\ntoken: x${{env:T}}{TOKEN}\nscopes: [reload]", "3:12", "a token does not"),
        ("name: a\ntoken: 12345\nscopes: [reload]", "3:12", "a token does not stand"),
        ("name: a\ntoken: [x]\nscopes: [reload]", "3:12", "a token does not stand"),
        (
            "name: a\ntoken: ${env:SHORT}\nscopes: [reload]",
            "3:12",
            (
                "caller 'a' has a token of 6 characters, 32 are needed: make one with "
                "'guardrails access token'"
            ),
        ),
        (
            "name: a\ntoken: ${env:WORDS}\nscopes: [reload]",
            "3:12",
            "caller 'a' has a token that is not one word of plain letters, digits and signs",
        ),
        ("name: a\ntoken: ${env:EMPTY}\nscopes: [reload]", "3:12", "caller 'a' has a token that"),
        (
            "name: a\ntoken: ${env:UNSET}\nscopes: [reload]",
            "3:12",
            "environment variable 'UNSET' is not set",
        ),
        (
            "name: a\ntoken_file: none\nscopes: [reload]",
            "3:17",
            "none' that cannot be read: no such file or directory",
        ),
        (
            f"name: a\ntoken_sha256: {TOKEN}\nscopes: [reload]",
            "3:19",
            "'token_sha256' should be of the form '^[0-9a-f]{64}$'",
        ),
        (
            "name: a\nscopes: [reload]",
            "2:5",
            (
                "caller 'a' is known by nothing, write 'token_sha256' or 'certificate'; make one "
                "with 'guardrails access token'"
            ),
        ),
        (
            f"{GOOD}\ncertificate: {{dns: x}}",
            "2:5",
            "caller 'a' is known by 'token_sha256' and by 'certificate', write two callers",
        ),
        (
            "name: a\ncertificate: {dns: x, uri: y}\nscopes: [reload]",
            "2:5",
            "caller 'a' has a certificate that says one thing: write 'uri', 'dns' or 'common_name'",
        ),
        (
            f"name: a\ntoken_sha256: {HASH}\ntenant: acme\nscopes: [evaluate]",
            "2:5",
            "caller 'a' has no policies, write 'policies: [NAME]', or \"*\" for all",
        ),
        (
            f"name: a\ntoken_sha256: {HASH}\npolicies: [chat]\nscopes: [gateway]",
            "2:5",
            "caller 'a' has no tenant, write 'tenant: NAME', or 'any_tenant: true' for a gateway",
        ),
        (
            f"name: a\ntoken_sha256: {HASH}\nscopes: [evalute]",
            "4:14",
            "an item of 'scopes' cannot be 'evalute', did you mean 'evaluate'?",
        ),
        (f"name: a\ntoken_sha256: {HASH}\nscopes: []", "4:13", "'scopes' should not be empty"),
        (f"{GOOD}\ntenants: x", "7:5", "unknown key 'tenants', did you mean 'tenant'?"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path, caller, place, message):
    file = written(tmp_path, caller)
    environment = {"SHORT": "secret", "WORDS": "two words " * 4, "EMPTY": ""}

    with pytest.raises(PolicyError) as wrong:
        read(file, environment)

    told = str(wrong.value)
    assert told.startswith(f"{file}:{place}: ")
    assert message in told
    assert not any(secret in told for secret in (TOKEN, "secret", "two words", "12345"))


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (GOOD.replace(HASH, "0" * 64), "caller 'a' is there already, give this one another name"),
        (GOOD.replace("name: a", "name: b"), "caller 'b' has the token of another"),
    ],
)
def test_no_two_callers_are_mistaken_for_each_other(tmp_path, second, message):
    with pytest.raises(PolicyError, match=message):
        read(written(tmp_path, GOOD, second))


def test_no_two_callers_have_one_certificate(tmp_path):
    one = "name: a\ncertificate: {dns: x.example}\nscopes: [reload]"

    with pytest.raises(PolicyError, match="caller 'b' has the name of another"):
        read(written(tmp_path, one, one.replace("name: a", "name: b")))


def test_a_token_comes_from_a_file_beside_or_from_the_environment(tmp_path):
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    inside = "name: a\ntoken_file: token\nscopes: [reload]"
    outside = "name: b\ntoken: ${env:T}\nscopes: [reload]"
    callers = read(written(tmp_path, inside, outside), {"T": TOKEN.upper()})

    assert callers.by_token(TOKEN).name == "a"
    assert callers.by_token(TOKEN.upper()).name == "b"
    assert TOKEN not in repr(callers)


def test_two_tokens_hold_while_one_is_replaced(tmp_path):
    callers = read(written(tmp_path, GOOD.replace(HASH, f"[{HASH}, {digest_of('other')}]")))

    assert callers.by_token(TOKEN) is callers.by_token("other")


@pytest.mark.parametrize(
    "guess", ["", TOKEN[:-1], TOKEN + "x", HASH, " ", "\ud800", "é" * 40, "x" * 5000, "\0"]
)
def test_nobody_is_known_by_anything_else(tmp_path, guess):
    callers = read(written(tmp_path, GOOD))

    with pytest.raises(UnknownCallerError) as unknown:
        callers.by_token(guess)

    assert str(unknown.value) == (
        "nobody here knows this caller, give a token or a certificate that is known"
    )


def test_a_certificate_with_the_names_of_two_callers_is_nobodys(tmp_path):
    one = "name: a\ncertificate: {uri: 'spiffe://example.org/a'}\nscopes: [reload]"
    two = "name: b\ncertificate: {dns: b.example}\nscopes: [reload]"
    callers = read(written(tmp_path, one, two))
    names = [("uri", "spiffe://example.org/a"), ("dns", "b.example")]

    assert [callers.by_certificate([name]).name for name in names] == ["a", "b"]
    for wrong in (names, [], [("dns", "spiffe://example.org/a")], [("dns", "B.example")]):
        with pytest.raises(UnknownCallerError):
            callers.by_certificate(wrong)


def test_the_command_tells_who_may_do_what(access, capsys):
    assert main(["access", "check", str(access)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "acme-app: evaluate, feedback; tenant 'acme'; policies tiny",
        "globex-app: evaluate; tenant 'globex'; policies co*",
        "gateway: evaluate, gateway; any tenant, none by default; policies *",
        (
            "operator: detect_marks, manage_works, read_status, read_works, reload; tenant none; "
            "policies none"
        ),
    ]


def test_the_command_tells_what_is_wrong(tmp_path, capsys):
    file = written(tmp_path, GOOD.replace("tenant: acme", "tenant: acme\nrole: x"))

    assert main(["access", "check", str(file)]) == 3
    assert capsys.readouterr().err.startswith(f"{file}:5:5: unknown key 'role'")


def test_the_command_makes_tokens_that_are_known_by_their_hash(tmp_path, capsys):
    made = []
    for _ in range(2):
        assert main(["access", "token"]) == 0
        made.append(capsys.readouterr().out.splitlines())
    token, line = made[0]
    callers = read(written(tmp_path, GOOD.replace(f"token_sha256: {HASH}", line)))

    assert callers.by_token(token).name == "a"
    assert made[0] != made[1]
