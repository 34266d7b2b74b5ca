"""A pipeline of diffusers with a policy round it, in place of its own safety checker."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from guardrails.client.judges import judges
from guardrails.client.pictures import is_picture
from guardrails.client.prompts import answer_from, answered, asked
from guardrails.client.story import Blocked
from guardrails.core.content import Content, Part, Stage, Text
from guardrails.core.errors import ContentError
from guardrails.core.evaluator import Evaluator
from guardrails.core.verdict import Verdict

PROMPTS = (
    "prompt",
    "prompt_2",
    "prompt_3",
    "negative_prompt",
    "negative_prompt_2",
    "negative_prompt_3",
)
"""What pipelines call the texts that they are given."""


@dataclass(frozen=True, slots=True)
class GuardedImages:
    """What was made of some prompts.

    ``images`` has None in the place of a picture that was blocked, which ``verdicts`` explains with
    labels and scores, in the same order; ``prompts`` are the verdicts on the prompts.
    """

    images: tuple[Any, ...]
    verdicts: tuple[Verdict, ...]
    prompts: tuple[Verdict, ...]

    @property
    def nsfw_content_detected(self) -> list[bool]:
        """Which pictures were blocked, under the name that diffusers has for it."""
        return [verdict.blocked for verdict in self.verdicts]


class GuardedDiffusion:
    """A pipeline with a policy round it: every prompt is judged, and every picture beside it.

    The pipeline's own safety checker is taken off: it would paint pictures black in silence.

    Args:
        pipe: a ``DiffusionPipeline`` from texts to pictures.
        policy: name of the policy.
        engine: what judges; either this or ``address``.
        address: the sidecar that judges.
        on_block: raise ``Blocked`` for the first picture that is blocked, or leave it out.
    """

    def __init__(
        self,
        pipe: Any,
        *,
        policy: str,
        engine: Evaluator | None = None,
        address: str = "",
        on_block: str = "raise",
    ) -> None:
        if on_block not in {"raise", "leave out"}:
            raise TypeError(f"on_block is 'raise' or 'leave out', not '{on_block}'")
        if (engine is None) == (not address):
            raise TypeError("a guard needs an engine or an address, and not both")
        self._pipe, self._leaves_out = pipe, on_block == "leave out"
        self._judge, _ = judges(policy, engine, address)
        if getattr(pipe, "safety_checker", None) is not None:
            pipe.register_modules(safety_checker=None)

    def __call__(self, prompt: Any = None, **options: Any) -> GuardedImages:
        """Make pictures.

        Raises:
            Blocked: a prompt is blocked, or a picture where ``on_block`` is ``"raise"``.
            ContentError: a prompt comes as embeddings, or pictures are asked for as arrays.
        """
        options = {**({} if prompt is None else {"prompt": prompt}), **options}
        _must_be_judged(options)
        texts = {key: options[key] for key in PROMPTS if options.get(key) is not None}
        changed, heard = self._passed_on(texts)
        made = self._pipe(**{**options, **changed, "return_dict": True}).images
        told = _beside(changed.get("prompt"), len(made))
        pairs = [self._judged(picture, text) for picture, text in zip(made, told, strict=True)]
        return GuardedImages(
            tuple(picture for picture, _ in pairs), tuple(one for _, one in pairs), heard
        )

    def _passed_on(self, texts: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Verdict, ...]]:
        """Judge every prompt; give them as the policy passes them on."""
        changed: dict[str, Any] = {}
        heard: list[Verdict] = []
        for key, given in texts.items():
            each = [given] if isinstance(given, str) else list(given)
            verdicts = [self._heard(asked(text).content) for text in each]
            heard += verdicts
            passed = [verdict.content.text for verdict in verdicts]
            changed[key] = passed[0] if isinstance(given, str) else passed
        return changed, tuple(heard)

    def _heard(self, content: Content) -> Verdict:
        verdict = self._judge.evaluate(content)
        if verdict.blocked:
            raise Blocked(verdict)
        return verdict

    def _judged(self, picture: Any, text: str) -> tuple[Any, Verdict]:
        sent: Part = answered(picture)
        verdict = self._judge.evaluate(Content((sent,), Stage.OUTPUT, (Text(text),)))
        if not verdict.blocked:
            return answer_from(verdict.content.parts[0], sent, picture), verdict
        if self._leaves_out:
            return None, verdict
        raise Blocked(verdict)


def guard_diffusion(pipe: Any, **guarding: Any) -> GuardedDiffusion:
    """Put a policy round a pipeline; see ``GuardedDiffusion``."""
    return GuardedDiffusion(pipe, **guarding)


def _must_be_judged(options: Mapping[str, Any]) -> None:
    for key, value in options.items():
        if key.endswith("prompt_embeds") and value is not None:
            raise ContentError(f"'{key}' cannot be judged, give the prompt as text")
        if is_picture(value) or (key.endswith("image") and value is not None):
            raise ContentError(f"'{key}' is not judged yet, judge it before it goes in")
    if options.get("output_type", "pil") != "pil":
        raise ContentError("pictures are judged as PIL images, leave 'output_type' out")
    if not options.get("prompt"):
        raise ContentError("there is no prompt, there is nothing to judge")


def _beside(prompts: Any, pictures: int) -> Iterator[str]:
    """The prompt of each picture; several in a row are of the same one."""
    each = [prompts] if isinstance(prompts, str) else list(prompts)
    for number in range(pictures):
        yield each[number * len(each) // pictures]
