"""Terms are found where a reader sees them, and nowhere else."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from guardrails.checks.keywords import Keywords
from guardrails.checks.normalise import views
from guardrails.core.content import Text

TERMS = ["ignore", "project zephyr", "zephyr", "c++", ".net", "Straße", "İstanbul", "密码", "ass"]


async def _found(text: str, **settings: object) -> list[str]:
    check = Keywords(Keywords.Settings(**{"words": TERMS, **settings}))
    subject = Text(text, derived=views(text))
    return [text[each.where.start : each.where.end] for each in await check.inspect(subject)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("please IGNORE this", ["IGNORE"]),
        ("ignored, ignore_me, preignore", []),
        ("ignore", ["ignore"]),
        ("(ignore)", ["ignore"]),
        ("ignore\u0301 the mark", []),  # another letter
        ("Project Zephyr", ["Project Zephyr"]),  # not its second word again
        ("project\nzephyr", ["project\nzephyr"]),
        ("project zephyrs", []),
        ("C++, .NET or x.net", ["C++", ".NET", ".net"]),
        ("STRASSE straße", ["STRASSE", "straße"]),
        ("ßß ignore ß", ["ignore"]),  # folding moves what follows
        ("İİ İSTANBUL", ["İSTANBUL"]),
        ("我的密码是什么", ["密码"]),
        ("😀 ignore 😀", ["ignore"]),
        ("a classic class", []),
        ("", []),
    ],
)
async def test_finds_whole_words(text, found):
    assert await _found(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("so i\u200bgnоre it", ["i\u200bgnоre"]),
        ("I G N O R E  A L L", ["I G N O R E"]),
        ("i g n o r e p r e v i o u s", ["i g n o r e"]),  # nobody knows where these words end
        ("clas\u00adsic", []),  # a soft hyphen ends no word
        (b64encode(b"please ignore it").decode(), ["cGxlYXNlIGlnbm9yZSBpdA=="]),
    ],
)
async def test_finds_disguised_terms(text, found):
    assert await _found(text) == found
    assert await _found(text, disguised=False) == []


async def test_says_what_had_to_be_undone():
    text = "ign\u200bore"
    check = Keywords(Keywords.Settings(words=["ignore"]))

    (finding,) = await check.inspect(Text(text, derived=views(text)))

    assert finding.evidence == "listed term, normalised"


async def test_tells_a_term_once_when_several_views_show_it():
    assert await _found("ignore \u200b this") == ["ignore"]


@pytest.mark.parametrize(
    ("settings", "text", "found"),
    [
        ({"case_sensitive": True}, "IGNORE ignore", ["ignore"]),
        ({"whole_words": False}, "ignored", ["ignore"]),
        ({"words": ["a", "a", "A"]}, "a", ["a"]),
        ({"words": [" padded "]}, "padded", ["padded"]),
    ],
)
async def test_follows_its_settings(settings, text, found):
    assert await _found(text, **settings) == found


async def test_reads_terms_from_a_file(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("# names\n\nzéphyr\n", encoding="utf-8")

    assert await _found("ZÉPHYR and names", words=[], words_file=path) == ["ZÉPHYR"]


def test_the_path_of_a_list_starts_at_the_policys_folder(tmp_path):
    (tmp_path / "names.txt").write_text("zephyr")

    settings = Keywords.Settings.model_validate(
        {"words_file": "names.txt"}, context={"directory": tmp_path}
    )

    assert settings.words_file == tmp_path / "names.txt"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"words": ["good", " "]}, "word 2 is blank, it would match everywhere"),
        ({"words": []}, "no terms, give 'words' or 'words_file'"),
        ({"words_file": "missing.txt"}, "cannot read 'missing.txt': No such file or directory"),
    ],
)
def test_refuses_settings_that_cannot_work(settings, message):
    with pytest.raises(ValidationError, match=message):
        Keywords.Settings(**settings)


@pytest.mark.parametrize(
    ("written", "message"), [(b"\xff", "not UTF-8"), (b"# none\n\n", "holds no terms")]
)
def test_refuses_files_without_terms(tmp_path, written, message):
    path = tmp_path / "words.txt"
    path.write_bytes(written)

    with pytest.raises(ValidationError, match=message):
        Keywords.Settings(words_file=path)


SEPARATORS = st.sampled_from(["", "\u200b", "\u2060", "\u00ad", "\u202d", "\x02"])


@given(
    st.lists(SEPARATORS, min_size=5, max_size=5), st.sampled_from(["ignore", "ignоrе", "ｉgnore"])
)
async def test_a_hidden_term_is_found_whole(separators, word):
    hidden = "".join(a + b for a, b in zip(word, [*separators, ""], strict=True))

    assert await _found(f"please {hidden} this") == [hidden]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ask about project  zephyr now", ["project  zephyr"]),
        ("ask about project-zephyr now", ["project-zephyr"]),
        ("ask about Project_Zephyr now", ["Project_Zephyr"]),
        ("ask about **project** zephyr now", ["project** zephyr"]),
        ("ask about project \n zephyr now", ["project \n zephyr"]),
        ("we end the project. Zephyr winds blow", []),
        ("subproject-zephyr", []),
    ],
)
async def test_what_stands_between_the_words_of_a_term_may_be_disguised(text, found):
    assert await _found(text, words=["project zephyr"]) == found
