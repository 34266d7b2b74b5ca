"""Links in running text, and the hosts that they really lead to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from os.path import commonprefix
from unicodedata import name, normalize
from urllib.parse import unquote

import idna

from guardrails.checks.normalise.homoglyphs import folded
from guardrails.core.view import Span

_COUNTRIES = """
ac ad ae af ag ai al am ao ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by
bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu
fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gt gu gw gy hk hm hn hr ht hu id ie il
im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly
ma mc me mg mh mk mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om
pa pe pf pg ph pk pm pn pr pt pw qa re ro ru rw sa sb sc sd se sg si sj sk sl sm sn sr ss st su sv
sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf
ws ye yt za zm zw
"""
_GENERIC = """
com org net edu gov mil int info biz name pro xyz online site website web top shop store club live
life app dev page cloud tech digital agency email link click news blog media world today space icu
vip win bid loan work works team group company services support solutions systems software network
host hosting press fun games game bet casino porn xxx sex adult cam tube video chat social expert
guru zone center city academy school university bank finance money cash credit capital fund trade
market markets exchange health care doctor pharmacy design studio art photo photos pictures music
band movie film travel tours hotel flights taxi car cars auto bike fit yoga food restaurant pizza
bar cafe coffee beer wine pub fashion style shoes jewelry gold diamonds land house homes estate
properties build tools supply equipment energy solar green eco earth bio farm garden pet dog horse
monster rocks ninja wtf lol cool best one plus red blue black pink onion local arpa aero
asia cat coop jobs mobi museum post tel goog google amazon aws apple microsoft 
"""
_TOP_LEVEL = frozenset((*_COUNTRIES.split(), *_GENERIC.split()))
"""What makes a link of a bare name; endings that files have too (py, rs, sh, md) need a scheme."""
_NATIONAL = frozenset(
    ("\u0440\u0444", "\u0443\u043a\u0440", "\u4e2d\u56fd", "\u4e2d\u570b", "\ud55c\uad6d")
)
_WORD_ENDINGS = frozenset("am as at be by do he id in is it la me my no pm so to us".split())
"""Endings that are words as well: a full stop without a space makes no link."""

_REST = r"[^\s<>\"'`{}|^\[\]\u3002\uff0c\u300d\u300f]"
_LINK = re.compile(
    rf"(?<![A-Za-z0-9])(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{{1,20}}):[\\/]{{2}}"
    rf"(?P<rest>(?:[^\s<>\"'`/\\\[\]]*+\[[0-9A-Fa-f:.]{{2,45}}\])?{_REST}*+)"
    rf"|(?<![A-Za-z0-9])(?P<opaque>javascript|vbscript|data(?=:[a-z]{{2,20}}/)):{_REST}++"
    rf"|(?<![\w@.-])(?P<bare>(?:[\w-]++[.\uff0e\uff61])++[\w-]{{2,}}+)(?P<path>(?::\d{{1,5}}+)?[/?#]{_REST}*+)?",
    re.IGNORECASE,
)
_HINT = re.compile(r"[.:\uff0e\uff61]")
_TRAILING = ".,;:!?*_~'\""
_AUTHORITY = re.compile(r"[^/\\?#]*")
_PORT = re.compile(r":[0-9]*\Z")
_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")
_NUMERIC = re.compile(r"(?:0[xX][0-9A-Fa-f]+|[0-9]+)(?:\.(?:0[xX][0-9A-Fa-f]+|[0-9]+)){0,3}")
_ALIKE_SCRIPTS = frozenset(("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"))
_FIGURES = str.maketrans("01358", "olesb")
_SHORTEST_NAME = 5
"""Characters of a name for which one that is off by a letter is suspicious."""


@dataclass(frozen=True, slots=True)
class Host:
    """Where a link leads: ``name`` as the DNS has it, ``shown`` as a reader sees it."""

    name: str
    shown: str

    @property
    def is_address(self) -> bool:
        """Whether it is an IP address, in any of the forms that browsers read."""
        return self.name.startswith("[") or _NUMERIC.fullmatch(self.name) is not None

    @property
    def is_punycode(self) -> bool:
        """Whether a label of it was written in punycode."""
        return any(label.startswith("xn--") for label in self.name.split("."))

    @property
    def mixes_scripts(self) -> bool:
        """Whether a label of it mixes scripts that look alike."""
        return any(len(_scripts(label)) > 1 for label in self.shown.split("."))

    def under(self, domain: str) -> bool:
        """Whether it is this domain, or one below it."""
        return self.name == domain or self.name.endswith(f".{domain}")


@dataclass(frozen=True, slots=True)
class Link:
    """A link in a text; ``host`` is missing where it leads to none, as in ``javascript:``."""

    span: Span
    scheme: str
    host: Host | None
    has_userinfo: bool


def links(text: str) -> Iterator[Link]:
    """Find every link, with or without a scheme."""
    if not _HINT.search(text):
        return
    for found in _LINK.finditer(text):
        if found["bare"] and not _is_link(found["bare"], has_path=bool(found["path"])):
            continue
        span = Span(found.start(), found.start() + len(_trimmed(found.group())))
        if found["opaque"]:
            yield Link(span, found["opaque"].lower(), None, has_userinfo=False)
            continue
        rest = found["bare"] or _trimmed(found["rest"])
        userinfo, at, place = _AUTHORITY.match(rest).group().rpartition("@")
        if place:
            yield Link(span, (found["scheme"] or "").lower(), host(place), bool(at))


def host(written: str) -> Host:
    """Read a host, with or without a port, as a browser does."""
    plain = normalize("NFKC", unquote(_PORT.sub("", written))).translate(_DOTS).lower().strip(".")
    return Host(_to_ascii(plain), _to_unicode(plain))


def resembles(candidate: Host, domain: str) -> bool:
    """Whether a reader may take a host for a domain that it is not under.

    Compares skeletons (Unicode UTS #39), and lets one letter be wrong, missing, added or swapped.
    """
    if candidate.under(domain):
        return False
    if f".{domain}." in f".{candidate.shown}":
        return True
    labels = candidate.shown.split(".")[-1 - domain.count(".") :]
    seen, real = _skeleton(".".join(labels)), _skeleton(domain)
    return seen == real or (len(domain.partition(".")[0]) >= _SHORTEST_NAME and _near(seen, real))


def _is_link(bare: str, *, has_path: bool) -> bool:
    ending = bare.lower().translate(_DOTS).rpartition(".")[2]
    if bare[:4].lower() == "www." or ending.startswith("xn--") or ending in _NATIONAL:
        return True
    return ending in _TOP_LEVEL and (has_path or ending not in _WORD_ENDINGS)


def _trimmed(link: str) -> str:
    """Leave to the sentence what ends it."""
    link = link.rstrip(_TRAILING)
    while link.endswith(")") and link.count(")") > link.count("("):
        link = link[:-1].rstrip(_TRAILING)
    return link


def _to_ascii(name: str) -> str:
    if name.isascii():
        return name
    try:
        return idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        return name


def _to_unicode(name: str) -> str:
    return ".".join(map(_label_shown, name.split("."))) if "xn--" in name else name


def _label_shown(label: str) -> str:
    try:
        return label[4:].encode().decode("punycode") if label.startswith("xn--") else label
    except UnicodeError:
        return label


def _scripts(label: str) -> frozenset[str]:
    letters = (name(letter, "").partition(" ")[0] for letter in label if letter.isalpha())
    return _ALIKE_SCRIPTS.intersection(letters)


def _skeleton(shown: str) -> str:
    plain = folded(shown).lower().translate(_FIGURES)
    return plain.replace("rn", "m").replace("vv", "w").replace("cl", "d")


def _near(left: str, right: str) -> bool:
    """Whether one edit, or two letters that changed places, lies between them."""
    if abs(len(left) - len(right)) > 1:
        return False
    start = len(commonprefix((left, right)))
    left, right = left[start:], right[start:]
    end = len(commonprefix((left[::-1], right[::-1])))
    left, right = left[: len(left) - end], right[: len(right) - end]
    return max(len(left), len(right)) <= 1 or (len(left) == 2 and left == right[::-1])
