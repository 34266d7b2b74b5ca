"""Links are judged by where they really lead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from guardrails.checks.normalise import views
from guardrails.checks.urls.check import Urls
from guardrails.core.content import Text

SETTINGS = {
    "allow": ["good.com", "bücher.de"],
    "deny": ["bad.good.com"],
    "schemes": ["https"],
    "lookalikes_of": ["paypal.com"],
}


async def _found(text: str, **settings: object) -> list[tuple[str, str]]:
    check = Urls(Urls.Settings(**settings))
    findings = await check.inspect(Text(text, derived=views(text)))
    return [(text[each.where.start : each.where.end], each.category) for each in findings]


async def _links(text: str) -> list[str]:
    return [link for link, _ in await _found(text, allow=["nowhere.example"], punycode=False,
                                             userinfo=False, ip_hosts=False)]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "links"),
    [
        (
            "see https://evil.com/a?b=c#d, or www.evil.com.",
            ["https://evil.com/a?b=c#d", "www.evil.com"],
        ),
        (
            "[click](https://evil.com/a_(b)) (https://evil.com)",
            ["https://evil.com/a_(b)", "https://evil.com"],
        ),
        ('<a href="https://evil.com/x">', ["https://evil.com/x"]),
        (
            "evil.com, evil.com/login and sub.evil.co.uk:8080/x",
            ["evil.com", "evil.com/login", "sub.evil.co.uk:8080/x"],
        ),
        ("пример.рф и https://пример.рф/путь", ["пример.рф", "https://пример.рф/путь"]),
        ("HTTPS://EVIL.COM", ["HTTPS://EVIL.COM"]),
        ("https:\\\\evil.com", ["https:\\\\evil.com"]),  # browsers read it so
        ("javascript:alert(1)", ["javascript:alert(1)"]),
        ("http://[::1]:80/x", ["http://[::1]:80/x"]),
        ("evil．com", ["evil．com"]),
        ("😀https://evil.com😀", ["https://evil.com😀"]),
        ("about.me/jane but about.me", ["about.me/jane"]),
        ("main.py README.md setup.sh lib.rs 1.2.3 e.g. i.e. a.b", []),
        ("I am done.It was late.So what", []),
        ("data: 5, time 12:30, C:\\x, a::b, jane@evil.com", []),
        ("https:// http://user@ ://", []),
        ("", []),
    ],
)
async def test_finds_links(text, links):
    assert await _links(text) == links


@pytest.mark.parametrize(
    ("link", "faults"),
    [
        ("https://good.com/x", set()),
        ("https://sub.good.com:443/x", set()),
        ("https://bücher.de", set()),
        ("https://xn--bcher-kva.de", {"PUNYCODE_HOST"}),
        ("http://good.com", {"URL_SCHEME"}),
        ("https://notgood.com", {"URL_NOT_ALLOWED"}),
        ("https://good.com.evil.ru", {"URL_NOT_ALLOWED"}),
        ("https://bad.good.com", {"URL_DENIED"}),
        ("https://x.bad.good.com", {"URL_DENIED"}),
        ("https://BAD%2egood.com.", {"URL_DENIED"}),
        ("https://ｇood.com", set()),  # a browser goes to good.com
        ("https://good.com@evil.com", {"URL_NOT_ALLOWED", "USERINFO"}),
        ("https://good.com:x@evil.com/@good.com", {"URL_NOT_ALLOWED", "USERINFO"}),
        ("https://good.com\\@evil.com", set()),  # a browser goes to good.com
        ("https://127.0.0.1/", {"URL_NOT_ALLOWED", "IP_HOST"}),
        ("https://2130706433/", {"URL_NOT_ALLOWED", "IP_HOST"}),
        ("https://0x7f.1/", {"URL_NOT_ALLOWED", "IP_HOST"}),
        ("https://[::1]/", {"URL_NOT_ALLOWED", "IP_HOST"}),
        ("https://paypal.com", {"URL_NOT_ALLOWED"}),
        ("https://login.paypal.com", {"URL_NOT_ALLOWED"}),
        ("https://paypal.de", {"URL_NOT_ALLOWED"}),
        ("https://paypa1.com", {"URL_NOT_ALLOWED", "LOOKALIKE_HOST"}),
        ("https://www.paypall.com", {"URL_NOT_ALLOWED", "LOOKALIKE_HOST"}),
        ("https://papyal.com", {"URL_NOT_ALLOWED", "LOOKALIKE_HOST"}),
        ("https://pyapla.com", {"URL_NOT_ALLOWED"}),
        ("https://paypal.com.evil.ru", {"URL_NOT_ALLOWED", "LOOKALIKE_HOST"}),
        ("https://раураӏ.com", {"URL_NOT_ALLOWED", "LOOKALIKE_HOST"}),  # Cyrillic alone
        ("https://pаypal.com", {"URL_NOT_ALLOWED", "LOOKALIKE_HOST", "MIXED_SCRIPT_HOST"}),
        (
            "https://xn--pypal-4ve.com",
            {"URL_NOT_ALLOWED", "LOOKALIKE_HOST", "MIXED_SCRIPT_HOST", "PUNYCODE_HOST"},
        ),
        ("javascript:alert(1)", {"URL_NOT_ALLOWED", "URL_SCHEME"}),
    ],
)
async def test_finds_what_is_wrong_with_a_link(link, faults):
    found = await _found(f"see {link} now", **SETTINGS)

    assert {category for _, category in found} == faults
    assert {text for text, _ in found} <= {link, link.rstrip(".")}


async def test_finds_disguised_links():
    assert await _found("e\u200bvil.com", deny=["evil.com"]) == [("e\u200bvil.com", "URL_DENIED")]
    assert (
        await _found("s3cure1y.com", allow=["s3cure1y.com"]) == []
    )  # leetspeak is no disguise here


@pytest.mark.parametrize("off", ["punycode", "userinfo", "ip_hosts"])
async def test_every_fault_can_be_switched_off(off):
    text = "https://xn--pypal-4ve.com https://a@b.com https://127.0.0.1"
    names = {
        "punycode": {"PUNYCODE_HOST", "MIXED_SCRIPT_HOST"},
        "userinfo": {"USERINFO"},
        "ip_hosts": {"IP_HOST"},
    }

    left = {category for _, category in await _found(text, **{off: False})}

    assert left == set().union(*names.values()) - names[off]


@pytest.mark.parametrize("domain", ["https://good.com", "good.com/x", "good.com:80", "", "."])
def test_refuses_lists_of_what_are_no_domains(domain):
    with pytest.raises(ValidationError, match="is not a domain, write it like"):
        Urls.Settings(deny=[domain])


@given(
    st.lists(
        st.sampled_from([*"ab.:/@\\[]xn-%()1 ", "https://", "xn--", "а", "．", "evil.com"])
    ).map("".join)
)
async def test_spans_are_the_links_whatever_the_text(text):
    for link, _ in await _found(text, allow=["good.com"], lookalikes_of=["evil.com"]):
        assert link
        assert link == link.strip()
