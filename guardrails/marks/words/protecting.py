"""Stretches of a text in which no character may change. Pure."""

import re

from guardrails.core.view import Span

_STRETCHES = re.compile(
    r"""
      ^[ \t]*(?P<fence>```+|~~~+)[^\n]*\n.*?(?:^[ \t]*(?P=fence)|\Z)  # fenced code
    | ^(?:\ {4}|\t)[^\n]*                       # indented code
    | ^[ \t]{0,3}>[^\n]*                        # a quoted paragraph
    | ^[ \t]*\|[^\n]*                           # a row of a table
    | (?<!`)(?P<ticks>`{1,4})(?!`)[^\n]{1,1000}?(?<!`)(?P=ticks)(?!`)  # code in a line
    | \$\$.{1,2000}?\$\$ | \$[^\s$][^$\n]{0,500}\$          # formulas
    | \\\[.{1,2000}?\\\] | \\\(.{1,2000}?\\\)
    | !?\[[^\]\n]{0,500}\](?:\([^)\n]{0,2000}\)|\[[^\]\n]{0,500}\]|:[^\n]*)  # links and pictures
    | <[^<>\n]{1,512}>                          # tags and sealed placeholders
    | \[[^\[\]\n]{1,64}\] | \{[^{}\n]{1,512}\}  # labels of other kinds
    | \b[a-z][a-z0-9+.-]{0,31}://\S+ | \bwww\.\S+ | [^\s@<>"']{1,64}@[^\s@]{1,255}  # addresses
    | "[^"\n]{1,2000}" | \u201c[^\u201d\n]{1,2000}\u201d | \u00ab[^\u00bb\n]{1,2000}\u00bb
    | \u201e[^\u201c\u201d\n]{1,2000}[\u201c\u201d]
    | (?<!\w)'(?:[^'\n]|(?<=\w)'(?=\w)){1,500}'(?!\w)       # quotations
    | (?<!\w)\u2018(?:[^\u2019\n]|(?<=\w)\u2019(?=\w)){1,500}\u2019(?!\w)
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL | re.IGNORECASE,
)


def protected(text: str) -> tuple[Span, ...]:
    """Find code, formulas, links, tags, placeholders, addresses and quotations, in order."""
    return tuple(Span(*found.span()) for found in _STRETCHES.finditer(text))
