"""Showing entities, registering canaries and forgetting people, as people do it."""

import json

from guardrails.cli.main import main

RING = "k1:" + "QUFB" * 11
POLICY = """
policy: hides
hiding: {keys_file: keys.txt, vault: vault.db}
input:
  - check: keywords
    with: {words: [ada lovelace], category: person}
    then: redact
    redact: {as: sealed}
output:
  - check: memorised
    with: {register_file: canaries.txt}
    then: block
"""


def test_entities_are_shown_with_their_places_and_on_a_page(policies, capsys, tmp_path):
    page = tmp_path / "page.html"
    tiny = str(policies / "tiny.yaml")

    main(["check", "--policy", tiny, "--entities", "--html", str(page), "what is zephyr?"])

    assert "confidential         1.00  at 8-14          zephyr  (confidential)" in (
        capsys.readouterr().out
    )
    assert "zephyr<small>confidential</small></mark>" in page.read_text()


def test_without_a_text_the_entities_that_can_be_found_are_listed(capsys):
    assert main(["check", "--entities"]) == 0

    listed = capsys.readouterr().out.split()
    assert {"PERSON", "EMAIL_ADDRESS", "GPE", "DOMAIN_NAME", "US_SSN"} <= set(listed)


def test_a_canary_is_registered_kept_secret_and_caught_and_a_person_is_forgotten(capsys, tmp_path):
    (tmp_path / "secrets.txt").write_text("Canary 7f3a-99\n\nanother one\n")
    (tmp_path / "keys.txt").write_text(RING)
    (tmp_path / "hides.yaml").write_text(POLICY)
    policy = str(tmp_path / "hides.yaml")

    assert (
        main(["memorise", str(tmp_path / "secrets.txt"), "--to", str(tmp_path / "canaries.txt")])
        == 0
    )
    assert capsys.readouterr().err.endswith("canaries.txt: 2 values\n")
    assert "anary" not in (tmp_path / "canaries.txt").read_text().lower().replace("canaries", "")

    out = ["check", "--policy", policy, "--stage", "output", "--json"]
    assert main([*out, "it is CANARY-7F3A99"]) == 1
    capsys.readouterr()
    asked = ["check", "--policy", policy, "--json", "--tenant", "acme", "--person", "c7"]
    main([*asked, "I am Ada Lovelace"])
    told = json.loads(capsys.readouterr().out)
    assert told["content"][0]["text"] == "I am <PERSON_1>"

    back = [*out, "--tenant", "acme", "--sealed", told["sealed"], "Dear <PERSON_1>"]
    assert main(back) == 0
    assert json.loads(capsys.readouterr().out)["content"][0]["text"] == "Dear Ada Lovelace"
    assert main(["forget", "c7", "--tenant", "acme", "--policy", policy]) == 0
    assert capsys.readouterr().out == "forgotten: 1 request\n"
    assert main(back) == 2
    assert "forgotten" in capsys.readouterr().err


def test_a_short_canary_and_a_policy_without_a_vault_are_bad_arguments(capsys, tmp_path, policies):
    (tmp_path / "secrets.txt").write_text("long enough\n\nabc\n")

    assert main(["memorise", str(tmp_path / "secrets.txt"), "--to", str(tmp_path / "r")]) == 2
    assert "line 3: 3 letters and digits, 8 are needed" in capsys.readouterr().err
    assert main(["forget", "x", "--policy", str(policies / "tiny.yaml")]) == 2
    assert "tiny.yaml' has a vault, nothing is kept" in capsys.readouterr().err
