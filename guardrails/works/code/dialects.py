"""How languages are written, as far as telling a copy needs it: four families, one alphabet.

A copy is looked for without knowing for sure what language it is in, so tokens that mean the same
are one symbol in every family: `def`, `function` and `fn`; `None`, `null` and `nil`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Dialect(StrEnum):
    """A family of languages that share comments and most keywords."""

    PYTHON = "python"
    BRACE = "brace"
    """C, C++, C#, Java, JavaScript, TypeScript, Go, Rust, Kotlin, Swift, PHP, CSS."""
    HASH = "hash"
    """Ruby, shells, Perl, R, Elixir, YAML, TOML."""
    DASH = "dash"
    """SQL, Lua, Haskell."""


_NAMES = {
    Dialect.PYTHON: "py pyi pyw pyx pxd python python3 ipython gyp bzl starlark sage",
    Dialect.BRACE: (
        "c h cc cpp cxx c++ hh hpp hxx cs csharp java js mjs cjs jsx javascript ts mts cts tsx "
        "typescript go golang rs rust kt kts kotlin swift php scala dart groovy gradle m mm objc "
        "proto vue svelte zig sol solidity css scss less json json5 jsonc glsl hlsl cu cuda d"
    ),
    Dialect.HASH: (
        "rb ruby sh bash zsh fish ksh shell console pl pm perl r ex exs elixir yml yaml toml "
        "ps1 powershell tcl mk make makefile dockerfile cmake nix jl julia cr crystal nim awk"
    ),
    Dialect.DASH: "sql psql mysql plsql lua hs haskell elm ada adb ads vhd vhdl",
}
BY_NAME: Mapping[str, Dialect] = {
    name: dialect for dialect, names in _NAMES.items() for name in names.split()
}
"""Dialects by extension of a file and by language of a fence, in lower case."""

IDENTIFIER, NUMBER, STRING, OTHER = 1, 2, 3, 4
DROPPED = 0
"""What a token is; signs and keywords have symbols of their own, above these."""

_GROUPS: Mapping[str, str] = {
    "==": "== ===",
    "!=": "!= !== <> ~=",
    "<": "< >",  # the operands of a comparison are easily swapped
    "<=": "<= >=",
    "+=": "+= -= *= /= %= **= //= &= |= ^= <<= >>= ??= ||= &&= @= ++ --",
    "and": "and && AND",
    "or": "or || ?? OR",
    "not": "not ! NOT",
}
_PLAIN = "( ) [ ] { } , : . = + - * / % ** // & | ^ ~ << >> ? -> => := :: @ # $ \\ ..."
_WORDS: Mapping[Dialect, str] = {
    Dialect.PYTHON: (
        "func:def class import from as if elif else for while return yield try catch:except "
        "finally with raise lambda pass break continue and or not in is null:None true:True "
        "false:False global global:nonlocal delete:del assert await -:async"
    ),
    Dialect.BRACE: (
        "func:function func:fn func func:fun class struct interface interface:trait enum impl "
        "extends extends:implements import import:use import:include import:require package "
        "package:module package:namespace from as if else for for:foreach while do switch "
        "switch:match case default return yield try catch finally raise:throw new delete break "
        "continue in in:of is:instanceof typeof this this:self super null null:nil null:NULL "
        "null:nullptr null:undefined true false declare:let declare:var declare:const declare:val "
        "type:int type:long type:short type:char type:float type:double type:bool type:boolean "
        "type:void type:string type:unsigned type:signed type:size_t type:byte typedef "
        "typedef:type sizeof goto defer go chan select await global:static "
        "-:public -:private -:protected -:final -:abstract -:virtual -:override -:async -:export "
        "-:extern -:inline -:volatile -:readonly -:pub -:mut -:unsafe -:internal -:constexpr"
    ),
    Dialect.HASH: (
        "func:def func:function func:sub class package:module import:require import:use "
        "import:source import:library from if elif elif:elsif else then fi end end:done end:esac "
        "unless for while until do switch:case case:when in return yield begin catch:rescue "
        "finally:ensure raise and or not null:nil null:undef null:NULL true false true:TRUE "
        "false:FALSE this:self super declare:my declare:local declare:our continue:next "
        "break:last break -:export"
    ),
    Dialect.DASH: (
        "select from where join on group by order having insert into values update set "
        "create table distinct as and or "
        "not null in is between like case case:when then else end func:function return if "
        "elif:elseif for while do until repeat break true false null:nil declare:local "
        "data class:class instance import package:module let where of deriving"
    ),
}


def _symbols() -> Mapping[str, int]:
    """Number everything that has a symbol of its own."""
    written = [word.partition(":")[0] for words in _WORDS.values() for word in words.split()]
    named = dict.fromkeys([*_PLAIN.split(), *_GROUPS, *written])
    named.pop("-:", None)
    return {name: number for number, name in enumerate(named, start=OTHER + 1)}


SYMBOLS = _symbols()
"""The alphabet: a number below 128 for each sign and each meaning of a keyword."""


def _alphabet(dialect: Dialect) -> Mapping[str, int]:
    """Give the symbol of everything that is written one way only."""
    table = {sign: SYMBOLS[sign] for sign in _PLAIN.split()}
    for name, ways in _GROUPS.items():
        table |= dict.fromkeys(ways.split(), SYMBOLS[name])
    if dialect is Dialect.DASH:
        del table["--"], table["//"]
    for word in _WORDS[dialect].split():
        name, _, way = word.partition(":")
        symbol = DROPPED if way and name == "-" else SYMBOLS[name]
        table[way or name] = symbol
        if dialect is Dialect.DASH:  # SQL is written in either case
            table[(way or name).upper()] = symbol
    return table


@dataclass(frozen=True, slots=True)
class Grammar:
    """How one dialect is cut into tokens, and the symbols of those that are not names."""

    pattern: re.Pattern[str]
    alphabet: Mapping[str, int]


_PREFIX = r"(?:[bBrRuUfFL]{1,2}(?=[\"']))?"
_TEXT = rf"""{_PREFIX}(?:"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"|'[^'\\\n]*+(?:\\.[^'\\\n]*+)*+')"""
_TRIPLE = (
    _PREFIX + r'''(?:"""[^"\\]*+(?:(?:\\.|"(?!""))[^"\\]*+)*+"""'''
    r"""|'''[^'\\]*+(?:(?:\\.|'(?!''))[^'\\]*+)*+''')"""
)
_NUMERAL = r"\d(?:[\w.]|(?<=[eE])[+-])*+|\.\d\w*+"
_OPERATOR = (
    r"\*\*=|//=|<<=|>>=|\?\?=|\|\|=|&&=|\.\.\.|===|!==|\*\*|//|<<|>>|->|=>|:=|::|==|!=|<=|>=|<>|~=|"
    r"&&|\|\||\?\?|\+\+|--|[-+*/%&|^@]=|."
)
_BLOCK = r"/\*.*?(?:\*/|\Z)"
_COMMENTS: Mapping[Dialect, str] = {
    Dialect.PYTHON: rf"#[^\n]*+|{_TRIPLE}",
    Dialect.BRACE: rf"//[^\n]*+|{_BLOCK}|`[^`\\]*+(?:\\.[^`\\]*+)*+`",
    Dialect.HASH: rf"(?<![$\w{{])#[^\n]*+|{_TRIPLE}",
    Dialect.DASH: rf"--\[\[.*?(?:\]\]|\Z)|--[^\n]*+|{_BLOCK}|\{{-.*?(?:-\}}|\Z)",
}


def _grammar(dialect: Dialect) -> Grammar:
    parts = (r"\s++", r"[^\W\d]\w*+(?![\"'])", _COMMENTS[dialect], _TEXT, _NUMERAL, r"[^\W\d]\w*+")
    return Grammar(re.compile("|".join((*parts, _OPERATOR)), re.DOTALL), _alphabet(dialect))


GRAMMARS: Mapping[Dialect, Grammar] = {dialect: _grammar(dialect) for dialect in Dialect}

_SIGNS_OF: Mapping[Dialect, re.Pattern[str]] = {
    Dialect.PYTHON: re.compile(
        r"^[ \t]*(?:def \w+\(.*|class \w+.*|(?:el)?if .*|for .* in .*|while .*|else|try|except.*):"
        r"[ \t]*(?:#.*)?$"
        r"|^[ \t]*(?:from [\w.]+ import |import [\w.]+[ \t]*$|return [^;]*$|self\.\w+|@\w)"
        r"|\"\"\"|'''",
        re.MULTILINE,
    ),
    Dialect.BRACE: re.compile(
        r"[{};][ \t]*$|=>"
        r"|^[ \t]*(?://|/\*|\*/|#include|function\b|const |let |var |public |fn |func )",
        re.MULTILINE,
    ),
    Dialect.HASH: re.compile(
        r"^[ \t]*(?:end|fi|done|esac|puts .*|my [$@%].*|elsif .*|unless .*|require .*)[ \t]*$|^#!"
        r"|\bthen[ \t]*$|\bdo(?: \|.*\|)?[ \t]*$|^[ \t]*def \w+[?!]?[ \t]*(?:\([^:]*\))?$|\$\{?\w",
        re.MULTILINE,
    ),
    Dialect.DASH: re.compile(
        r"^[ \t]*(?:--|local |select\b|insert into|create table|where\b|end[ \t]*$"
        r"|from \w+[ \t]*$)",
        re.MULTILINE | re.IGNORECASE,
    ),
}


_ENOUGH = 4000
"""Characters that show how a source is written."""


def guess(source: str) -> Dialect:
    """Tell how a source is most likely written, by what only some families do."""
    counts = {dialect: len(signs.findall(source[:_ENOUGH])) for dialect, signs in _SIGNS_OF.items()}
    return max(counts, key=lambda dialect: counts[dialect])
