"""An amount is shared by rules, to the cent."""

from decimal import Decimal

import pytest

from guardrails.works.shares import Rules, shared
from guardrails.works.shares_file import load
from guardrails.works.store import Credited, WorksError

ADA = Credited("Ada", 10, 300, 0, 0)
BEA = Credited("Bea", 5, 0, 100, 0)
CLEO = Credited("Cleo", 1, 0, 0, 1)


@pytest.mark.parametrize(
    ("rules", "amount", "paid"),
    [
        ({}, 900, {"Ada": "300.00", "Bea": "100.00", "Cleo": "500.00"}),
        ({"weights": {"pictures": 0}}, 100, {"Ada": "75.00", "Bea": "25.00"}),
        (
            {"weights": {"queries": 1, "words": 0, "tokens": 0, "pictures": 0}},
            16,
            {"Ada": "10.00", "Bea": "5.00", "Cleo": "1.00"},
        ),
        ({"owners": {"Ada": 2, "Cleo": 0}}, 70, {"Ada": "60.00", "Bea": "10.00"}),
        (
            {"split": {"Cleo": {"Cleo": 0.6, "Bea": 0.4}}},
            900,
            {"Ada": "300.00", "Bea": "300.00", "Cleo": "300.00"},
        ),
        ({"minimum": 101}, 800, {"Ada": "300.00", "Cleo": "500.00"}),  # Bea's goes to the others
        ({"minimum": 99}, 900, {"Ada": "300.00", "Bea": "100.00", "Cleo": "500.00"}),
        ({"minimum": 10_000}, 900, {}),
        ({"weights": {"words": 0, "tokens": 0, "pictures": 0}}, 900, {}),
    ],
)
def test_an_amount_is_shared_by_the_rules(rules, amount, paid):
    shares = shared([ADA, BEA, CLEO], Rules.model_validate(rules), Decimal(amount))

    assert {one.owner: str(one.amount) for one in shares} == paid
    assert float(sum(one.share for one in shares)) == pytest.approx(1 if paid else 0)


@pytest.mark.parametrize("owners", [1, 3, 7, 64, 999])
@pytest.mark.parametrize("amount", ["0", "0.01", "10", "99.99", "123456.78"])
def test_no_cent_is_lost_or_made(owners, amount):
    credited = [Credited(f"o{number}", 1, number % 13 + 1, 0, 0) for number in range(owners)]
    shares = shared(credited, Rules(), Decimal(amount))

    assert sum(one.amount for one in shares) == Decimal(amount)
    assert min(one.amount for one in shares) >= 0


def test_nobody_is_owed_nothing():
    assert shared([], Rules(), Decimal(100)) == []


WRITTEN = """
weights: {words: 2, pictures: 0.5}
owners: {Ada: 1.5}
split:
  Ada & Bea: {Ada: 0.7, Bea: 0.3}
minimum: 0.05
"""


def test_rules_are_read_from_yaml(tmp_path):
    (tmp_path / "shares.yaml").write_text(WRITTEN)
    (tmp_path / "empty.yaml").write_text("")
    rules = load(tmp_path / "shares.yaml")

    assert rules.weights.words == 2
    assert rules.weights.tokens == 1
    assert rules.owners == {"Ada": Decimal("1.5")}
    assert rules.split == {"Ada & Bea": {"Ada": Decimal("0.7"), "Bea": Decimal("0.3")}}
    assert rules.minimum == Decimal("0.05")
    assert load(tmp_path / "empty.yaml") == Rules()


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("weight: {}", "'weight': extra inputs are not permitted"),
        ("weights: {words: -1}", "'weights.words': input should be greater than or equal to 0"),
        ("split: {A: {B: 0.5}}", "split: the parts of 'A' do not add up to 1"),
        ("minimum: 1\nminimum: 2", ":2: not valid YAML: found duplicate key"),
        ("a: [", "not valid YAML"),
        ("- a list", "input should be a valid dictionary"),
    ],
)
def test_what_is_wrong_with_rules_is_told(tmp_path, written, message):
    path = tmp_path / "shares.yaml"
    path.write_text(written)

    with pytest.raises(WorksError) as caught:
        load(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(path))


def test_a_missing_file_of_rules_is_told(tmp_path):
    with pytest.raises(WorksError, match=r"none\.yaml: cannot be read: no such file"):
        load(tmp_path / "none.yaml")
