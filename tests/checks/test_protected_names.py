import pytest

from guardrails.checks.misspelt import Misspelt
from guardrails.checks.normalise import views
from guardrails.checks.protected_names import ProtectedNames
from guardrails.core.content import Text
from guardrails.works.fingerprint import Fingerprint
from guardrails.works.stores.opening import open_store
from guardrails.works.work import Consent, Kind, Work

NAMES = {"Mira Solvang": ["msolvang", "M. Solvang"], "Kolibri Labs": []}


async def found(check, text):
    findings = await check.inspect(Text(text, derived=views(text)))
    return [(text[one.where.start : one.where.end], one.copied.title) for one in findings]


def built(**settings):
    return ProtectedNames(ProtectedNames.Settings.model_validate(settings))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a harbour in the style of Mira Solvang", [("Mira Solvang", "Mira Solvang")]),
        ("in the style of MIRA  SOLVANG, oil", [("MIRA  SOLVANG", "Mira Solvang")]),
        ("trending, by msolvang", [("msolvang", "Mira Solvang")]),  # an alias names the name
        ("by Mіra Solvang", [("Mіra Solvang", "Mira Solvang")]),  # a Cyrillic letter
        ("by M-i-r-a S-o-l-v-a-n-g", [("M-i-r-a S-o-l-v-a-n-g", "Mira Solvang")]),
        ("by Mira Solveng", [("Mira Solveng", "Mira Solvang")]),  # a wrong letter
        ("by Mira Solvagn", [("Mira Solvagn", "Mira Solvang")]),  # two that changed places
        ("by MiraSolvang", [("MiraSolvang", "Mira Solvang")]),  # run together
        ("a miracle, solved", []),
        ("Mira sold vanilla", []),
        ("in the style of nobody", []),
    ],
)
async def test_a_name_is_found_however_it_is_written(text, expected):
    assert await found(built(names=NAMES), text) == expected


async def test_what_is_misspelt_can_be_left_alone():
    check = built(names=NAMES, misspelt=False)
    assert await found(check, "by Mira Solveng") == []
    assert await found(check, "by Mira Solvang") != []


async def test_short_names_are_not_guessed_at():
    assert list(Misspelt(["Monet"]).found("by Manet")) == []


async def test_a_name_counts_from_the_call_that_protects_it_until_it_is_allowed(tmp_path):
    where = str(tmp_path / "works")
    store = open_store(where)
    name = Work("n1", Kind.NAME, "Mira Solvang", consent=Consent.OPTED_OUT, aliases=("msolvang",))
    other = Work("n2", Kind.NAME, "Otto Brandvold", consent=Consent.OPTED_OUT)
    store.put("art", [(other, Fingerprint())], "asked by mail")
    check = built(store=where, collection="art")
    text = "a fjord by msolvang"
    assert await found(check, text) == []
    store.put("art", [(name, Fingerprint())], "asked by mail")
    assert await found(check, text) == [("msolvang", "Mira Solvang")]
    store.consent("art", ["n1"], Consent.ALLOWED, "signed a licence")
    assert await found(check, text) == []
    store.close()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "no names, give 'names', or 'store' and 'collection'"),
        ({"store": "missing", "collection": "art"}, "no store of works at 'missing'"),
    ],
)
def test_a_policy_without_names_does_not_load(settings, message):
    with pytest.raises(ValueError, match=message):
        built(**settings)
