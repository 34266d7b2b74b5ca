"""Addresses as people write them, and back."""

from ipaddress import IPv6Address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.server.address import FORMS, TCP_FORMS, Abstract, Tcp, Unix, parse, parse_tcp

names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
hosts = st.from_regex("[a-z0-9]([a-z0-9.-]*[a-z0-9])?", fullmatch=True) | st.builds(
    str, st.builds(IPv6Address, st.integers(0, 2**128 - 1))
)
addresses = (
    st.builds(Tcp, hosts, st.integers(0, 65_535))
    | st.builds(Unix, names.filter(lambda name: not name.startswith("//")).map(Path))
    | st.builds(Abstract, names.filter(lambda name: not name.startswith("//")))
)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:50051", Tcp("127.0.0.1", 50051)),
        ("localhost:0", Tcp("localhost", 0)),
        ("my_host-1.example:65535", Tcp("my_host-1.example", 65_535)),
        ("[::1]:80", Tcp("::1", 80)),
        ("[fe80::1%eth0]:80", Tcp("fe80::1%eth0", 80)),
        ("unix:guard.sock", Unix(Path("guard.sock"))),
        ("unix:/run/guard:1.sock", Unix(Path("/run/guard:1.sock"))),
        ("unix-abstract:guard", Abstract("guard")),
    ],
)
def test_an_address_is_read_and_printed_the_same(text, address):
    assert parse(text) == address
    assert str(address) == text


def test_a_uri_of_a_path_is_the_path():
    assert parse("unix:///run/guard.sock") == Unix(Path("/run/guard.sock"))


@given(addresses)
def test_what_is_printed_is_read_as_the_same(address):
    assert parse(str(address)) == address


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("localhost", "'localhost' has no port, give "),
        ("[::1]", "'[::1]' has no port, give "),
        ("", "'' has no port, give "),
        ("localhost:", "'localhost:' has no port from 0 to 65535, give "),
        ("localhost:http", "'localhost:http' has no port from 0 to 65535, give "),
        ("localhost:65536", "'localhost:65536' has no port from 0 to 65535, give "),
        ("localhost:-1", "'localhost:-1' has no port from 0 to 65535, give "),
        ("localhost:٣", "'localhost:٣' has no port from 0 to 65535, give "),
        (":80", "':80' has no host, give "),
        ("::1:80", "'::1:80' has no host, give "),
        ("[localhost]:80", "'[localhost]:80' has no host, give "),
        ("dns:///localhost:80", "'dns:///localhost:80' has no host, give "),
        ("two words:80", "'two words:80' has no host, give "),
    ],
)
def test_what_is_no_address_is_told_the_forms(text, message):
    for read, forms in ((parse, FORMS), (parse_tcp, TCP_FORMS)):
        with pytest.raises(ValueError, match="give") as told:
            read(text)
        assert str(told.value) == message + forms


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("unix:", f"'unix:' names no socket, give {FORMS}"),
        ("unix-abstract:", f"'unix-abstract:' names no socket, give {FORMS}"),
        ("unix://run/guard.sock", f"'unix://run/guard.sock' names no socket, give {FORMS}"),
        ("unix:" + "é" * 54, f"'unix:{'é' * 54}' is too long for a socket, at most 107 bytes"),
    ],
)
def test_what_names_no_socket_is_no_address(text, message):
    with pytest.raises(ValueError, match="socket") as told:
        parse(text)
    assert str(told.value) == message


@pytest.mark.parametrize("text", ["unix:guard.sock", "unix-abstract:guard"])
def test_a_socket_is_no_place_for_a_page(text):
    with pytest.raises(ValueError, match=f"give {TCP_FORMS}$"):
        parse_tcp(text)


@pytest.mark.parametrize(
    "text", ["postgresql://u:hunter2@h/db", "u:hunter2@h", "http://u:hunter2@h:x"]
)
def test_a_password_that_was_meant_for_something_else_is_not_repeated(text):
    with pytest.raises(ValueError, match="give HOST:PORT") as refused:
        parse(text)

    assert "hunter2" not in str(refused.value)
    assert "'…@h" in str(refused.value)
