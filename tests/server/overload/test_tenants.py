"""What each tenant may ask for."""

import pytest

from guardrails.core.errors import PolicyError
from guardrails.server.overload.buckets import Buckets
from guardrails.server.overload.shedding import Reason, Shed
from guardrails.server.overload.tenants import Tenants, Terms, load

FILE = """\
tenants:
  acme: {weight: 2, requests_per_second: 50, characters_per_second: 100000, burst_seconds: 2,
         most_waiting: 100}
  grün: {}
  "*": {requests_per_second: 5}
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "tenants.yaml"
        path.write_text(text, "utf-8")
        return path

    return write


def test_a_file_tells_the_terms_of_each_and_of_all_others(written):
    tenants = load(written(FILE))

    assert tenants.terms("acme") == Terms(
        weight=2,
        requests_per_second=50,
        characters_per_second=100_000,
        burst_seconds=2,
        most_waiting=100,
    )
    assert tenants.terms("grün").requests_per_second is None
    assert tenants.terms("stranger").requests_per_second == 5
    assert tenants.terms("").requests_per_second == 5
    assert [tenants.label(one) for one in ("acme", "stranger", "", "*")] == [
        *("acme", "other", "other", "other")
    ]


@pytest.mark.parametrize("text", ["tenants: {}\n", "{}\n"])
def test_an_empty_file_limits_nobody(written, text):
    assert load(written(text)).terms("anybody") == Terms()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("tenant: {}\n", ":1:1: unknown key 'tenant', did you mean 'tenants'?"),
        ("tenants: {a: {wait: 1}}\n", ":1:15: unknown key 'wait', did you mean 'weight'?"),
        ("tenants: {a: {weight: 0}}\n", ":1:23: 'weight' should be at least 0.01"),
        ("tenants: {a: {weight: .nan}}\n", ":1:23: 'weight' should be a finite number"),
        (
            "tenants: {a: {requests_per_second: -1}}\n",
            ":1:36: 'requests_per_second' should be more than 0",
        ),
        ("tenants: {a: {most_waiting: 1.5}}\n", ":1:29: 'most_waiting' should be a whole number"),
        ("tenants: {a: 5}\n", ":1:14: 'a' should be a mapping"),
        ("tenants: [a]\n", ":1:10: 'tenants' should be a mapping"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_place(written, text, problem):
    path = written(text)
    with pytest.raises(PolicyError) as refused:
        load(path)

    assert str(refused.value) == f"{path}{problem}"


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(PolicyError, match=r"none\.yaml"):
        load(tmp_path / "none.yaml")


def let_in(buckets, tenant, times, now, characters=0, requests=1):
    """Ask again and again; give how many were let in."""
    passed = 0
    for _ in range(times):
        try:
            buckets.charge(tenant, requests, characters, now)
        except Shed:
            continue
        passed += 1
    return passed


def test_a_burst_is_let_in_and_then_the_rate():
    buckets = Buckets(Tenants({"a": Terms(requests_per_second=10, burst_seconds=2)}))

    assert let_in(buckets, "a", 100, 0.0) == 20
    assert let_in(buckets, "a", 100, 1.0) == 10
    assert let_in(buckets, "a", 100, 1000.0) == 20


def test_a_slow_rate_still_lets_one_in():
    buckets = Buckets(Tenants({"a": Terms(requests_per_second=0.1, burst_seconds=1)}))

    assert let_in(buckets, "a", 5, 0.0) == 1
    assert let_in(buckets, "a", 5, 9.0) == 0
    assert let_in(buckets, "a", 5, 10.1) == 1


def test_a_text_longer_than_the_bucket_is_let_in_and_paid_for_afterwards():
    buckets = Buckets(Tenants({"a": Terms(characters_per_second=100, burst_seconds=1)}))

    assert let_in(buckets, "a", 3, 0.0, characters=1000) == 1
    assert let_in(buckets, "a", 3, 8.0, characters=1) == 0
    assert let_in(buckets, "a", 1, 9.1, characters=1) == 1


def test_the_rest_of_a_request_is_charged_and_never_refused():
    buckets = Buckets(Tenants({"a": Terms(characters_per_second=100, burst_seconds=1)}))

    assert let_in(buckets, "a", 50, 0.0, characters=100, requests=0) == 50
    assert let_in(buckets, "a", 1, 1.0, characters=1) == 0


@pytest.mark.parametrize(
    ("terms", "reason", "message"),
    [
        (
            Terms(requests_per_second=4, burst_seconds=0.25),
            Reason.REQUESTS,
            "4 requests a second are used up, try again in 0.25 seconds",
        ),
        (
            Terms(characters_per_second=100, burst_seconds=0.01),
            Reason.CHARACTERS,
            "100 characters a second are used up, try again in 0.1 seconds",
        ),
    ],
)
def test_one_that_is_refused_is_told_when_to_come_again(terms, reason, message):
    buckets = Buckets(Tenants({"a": terms}))
    buckets.charge("a", 1, 10, 0.0)
    with pytest.raises(Shed) as refused:
        buckets.charge("a", 1, 10, 0.0)

    assert (refused.value.reason, str(refused.value)) == (reason, message)
    wait = refused.value.retry_after
    assert let_in(buckets, "a", 1, wait + 1e-6) == 1


def test_tenants_have_buckets_of_their_own_and_strangers_too():
    buckets = Buckets(Tenants({"*": Terms(requests_per_second=1, burst_seconds=1)}))

    assert [let_in(buckets, one, 5, 0.0) for one in ("a", "b", "")] == [1, 1, 1]


def test_strangers_take_no_more_than_so_much_memory():
    buckets = Buckets(Tenants({"*": Terms(requests_per_second=1)}), most=100)
    for number in range(1000):
        buckets.charge(f"stranger-{number}", 1, 1, 0.0)

    assert len(buckets) == 100


def test_who_has_no_rates_is_not_remembered():
    buckets = Buckets(Tenants())
    buckets.charge("a", 1, 1, 0.0)

    assert len(buckets) == 0
