"""Manifests as scripts use them: beside texts, and of pictures that have lost theirs."""

import asyncio
import io
import json
from pathlib import Path

import pytest
from PIL import Image as Pixels

from guardrails.cli.main import main
from guardrails.core.content import Content, Image, Stage, Surface, answer
from guardrails.engine.engine import Engine
from guardrails.marks.provenance.certificates import development
from guardrails.models.store import ModelStore
from guardrails.policy.loader import load

PICTURE = Path(__file__).parents[1] / "pictures" / "astronaut.jpg"
TEXT = "The quick brown fox jumps over the lazy dog.\nAnd again.\n"
KEYS = {"KEYS": "k2:" + "QkJC" * 11 + ",k1:" + "QUFB" * 11}
POLICY = """\
policy: signed
hiding: {keys: "${env:KEYS}"}
marks:
  - {mark: spread_spectrum, with: {payload: decision}}
  - {mark: c2pa, with: {certificate: dev.pem, key: dev.key, generator: painter, kept: kept}}
  - {mark: manifest, with: {generator: writer}}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working directory: a ring of two keys, a text, a policy and its certificate."""
    monkeypatch.chdir(tmp_path)
    certificate, key = development()
    for name, text in {
        "keys.txt": KEYS["KEYS"],
        "text.txt": TEXT,
        "signed.yaml": POLICY,
        "dev.pem": certificate,
        "root.pem": certificate.partition("-----END CERTIFICATE-----\n")[2],
        "dev.key": key,
    }.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def said(folder, capsys):  # noqa: ARG001  # the working directory
    """What a command prints."""

    def run(*arguments):
        assert main(["marks", *arguments]) == 0
        return capsys.readouterr().out

    return run


def passed_on(content):
    async def evaluate():
        return await Engine({"signed": plan}).evaluate(content, policy="signed")

    with ModelStore() as models:
        plan = load(Path("signed.yaml"), models, environment=KEYS)["signed"]
        return asyncio.run(evaluate())


def stripped(data):
    """As a platform does it: decoded, made smaller, and encoded again."""
    output = io.BytesIO()
    with Pixels.open(io.BytesIO(data)) as picture:
        picture.resize((480, 480)).save(output, "JPEG", quality=80)
    return output.getvalue()


def test_a_stripped_manifest_is_found_again_by_what_the_watermark_says(said):
    verdict = passed_on(Content((Image(PICTURE.read_bytes(), Surface.ASSISTANT),), Stage.OUTPUT))
    waves, signature = verdict.marks
    assert (waves.payload, signature.payload) == (verdict.id[:12], "")
    passed_on(Content((Image(PICTURE.read_bytes(), Surface.ASSISTANT),), Stage.OUTPUT))  # another
    found_somewhere = stripped(verdict.content.parts[0].data)
    assert b"jumb" not in found_somewhere
    Path("found.jpg").write_bytes(found_somewhere)

    options = ["--mark", "spread_spectrum", "--key-file", "keys.txt", "--json"]
    payload = json.loads(said("detect", *options, "found.jpg"))["payload"]
    recovering = ["recover", "--kept", "kept", "--trusted", "root.pem"]
    told = json.loads(said(*recovering, "--json", "--to", "found.c2pa", payload))

    assert told == {
        "payload": verdict.id[:12],
        "manifests": [
            {
                "standing": "valid",
                "signer": signature.key_id,
                "generated": True,
                "generator": "painter",
                "decision": {
                    "policy": "signed",
                    "policy_hash": verdict.policy_hash,
                    "decision_id": verdict.id,
                },
                "faults": [],
            }
        ],
    }
    assert b"jumb" in Path("found.c2pa").read_bytes()
    assert said(*recovering, payload).startswith(f"valid, signer {signature.key_id}, generator pai")


def test_a_manifest_under_a_name_that_it_is_not_bound_to_is_left_out(said):
    verdict = passed_on(Content((Image(PICTURE.read_bytes(), Surface.ASSISTANT),), Stage.OUTPUT))
    payload = verdict.id[:12]
    [kept] = Path("kept").iterdir()
    kept.rename(kept.with_name(kept.name.replace(payload, "beef")))

    assert said("recover", "--kept", "kept", "beef") == "no manifest is bound to it\n"
    assert json.loads(said("recover", "--kept", "kept", "--json", payload))["manifests"] == []


def test_the_manifest_that_a_verdict_hands_out_verifies_the_text(said):
    verdict = passed_on(answer(TEXT))
    [marked] = verdict.marks
    assert (marked.mark, verdict.content.text) == ("manifest", TEXT)
    Path("text.json").write_text(marked.attachment)

    verifying = ["verify", "--manifest", "text.json", "--key-file", "keys.txt", "--json"]
    told = json.loads(said(*verifying, "text.txt"))

    assert told["standing"] == "valid"
    assert told["manifest"]["decision_id"] == verdict.id
    assert (told["manifest"]["key"], told["manifest"]["generator"]) == ("k2", "writer")
    Path("text.txt").write_text(TEXT.replace("lazy", "eager"))
    assert json.loads(said(*verifying, "text.txt"))["standing"] == "tampered"


def test_the_mark_is_put_beside_a_text_and_found_with_it(said):
    options = ["--mark", "manifest", "--key-file", "keys.txt", "--manifest", "text.json"]
    said("embed", *options, "text.txt", "same.txt")
    assert Path("same.txt").read_text() == TEXT

    told = json.loads(said("detect", *options, "--json", "same.txt"))
    assert (told["decision"], told["key_id"]) == ("marked", "k2")
    told = json.loads(said("detect", *options[:-2], "--json", "same.txt"))
    assert (told["decision"], told["reason"]) == (
        "undecidable",
        "the manifest stands beside the text, give it too",
    )


def test_public_keys_are_enough_to_verify_and_say_nothing_secret(said):
    Path("text.json").write_text(said("sign", "--key-file", "keys.txt", "text.txt"))
    published = said("public-keys", "--key-file", "keys.txt")
    Path("public.txt").write_text(published)

    verifying = ["verify", "--manifest", "text.json", "--public-keys", "public.txt"]
    assert said(*verifying, "text.txt").startswith("valid\n")
    assert [line.partition(":")[0] for line in published.split()] == ["k2", "k1"]
    assert "QkJC" not in published
    Path("public.txt").write_text(published.splitlines()[1])  # k1 alone
    assert said(*verifying, "text.txt") == "untrusted\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["recover", "--kept", "kept", "c0ffee"], "there is no folder 'kept'"),
        (["recover", "--kept", ".", "../x"], "a payload is written in lower-case hexadecimal"),
        (["recover", "--kept", ".", "--trusted", "no.pem", "ff"], "cannot read 'no.pem'"),
        (["verify", "--manifest", "text.txt", "--key-file", "keys.txt", "text.txt"],
         "'text.txt': the manifest of the text is not JSON"),
        (["embed", "--mark", "manifest", "--key-file", "keys.txt", "text.txt", "out.txt"],
         "--manifest FILE goes with 'manifest' and no other mark"),
        (["embed", "--mark", "zero_width", "--manifest", "a.json", "--key-file", "keys.txt",
          "text.txt", "out.txt"], "--manifest FILE goes with 'manifest' and no other mark"),
        (["detect", "--mark", "zero_width", "--manifest", "text.txt", "--key-file", "keys.txt",
          "text.txt"], "--manifest does not go with this mark"),
        (["verify", "--manifest", "text.txt", "text.txt"], "give a --key-file or --public-keys"),
        (["sign", "--key-file", "text.txt", "text.txt"], "'text.txt': key 1 of the keyring"),
        (["sign", "--key-file", "keys.txt", "no.txt"], "'no.txt' cannot be read"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("folder")
def test_wrong_arguments_say_what_is_wrong(capsys, arguments, message):
    assert main(["marks", *arguments]) == 2
    assert message in capsys.readouterr().err
