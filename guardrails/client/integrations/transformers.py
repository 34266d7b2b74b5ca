"""A text-generation pipeline of transformers, and ``model.generate``, with a policy round them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from queue import Queue
from threading import Thread
from typing import Any

from transformers import StoppingCriteria, StoppingCriteriaList, TextIteratorStreamer
from transformers.generation.streamers import TextStreamer

from guardrails.client.decorator import guard
from guardrails.client.judges import judges
from guardrails.client.story import Blocked
from guardrails.core.content import Content, Stage, prompt
from guardrails.core.errors import ContentError
from guardrails.core.evaluator import Evaluator
from guardrails.core.verdict import Verdict


class GuardedPipeline:
    """A text-generation pipeline with a policy round it: called as the pipeline is.

    Prompts are strings or chats, one or a list of them; each is judged, and so is each text that is
    generated for it, apart from the prompt that the pipeline repeats. ``stream`` gives the text of
    one answer as it is generated and judged.

    Args:
        pipe: a ``TextGenerationPipeline``.
        guarding: as for ``guard``: ``policy``, ``engine`` or ``address``, ``on_block``, …
    """

    def __init__(self, pipe: Any, **guarding: Any) -> None:
        self._pipe = pipe
        self._answer = guard(prompt="prompt", **guarding)(self._generated)
        self._spoken = guard(prompt="prompt", **guarding)(self._pieces)

    def __call__(self, inputs: Any, **options: Any) -> Any:
        """Generate; the result has the shape that the pipeline gives.

        Raises:
            Blocked: a prompt or an answer is blocked.
            ContentError: the pipeline is asked for tensors, or for several answers to a prompt.
        """
        if options.get("return_tensors"):
            raise ContentError("'return_tensors' is not judged, leave it out")
        if options.get("num_return_sequences", 1) != 1:
            raise ContentError("'num_return_sequences' is not judged, leave it out")
        whole = options.pop("return_full_text", None) is not False
        if _is_one(inputs):
            return [self._told(inputs, whole, options)]
        return [[self._told(each, whole, options)] for each in inputs]

    def stream(self, prompt: Any, **options: Any) -> Iterator[str]:
        """Generate one answer; give its text once it is judged. Closing it ends the generation."""
        return self._spoken(prompt=prompt, options=options)

    def _told(self, prompt: Any, whole: bool, options: Mapping[str, Any]) -> dict[str, Any]:  # noqa: FBT001
        answer = self._answer(prompt=prompt, options=options)
        if not whole:
            return {"generated_text": answer}
        if isinstance(prompt, str):
            return {"generated_text": prompt + answer}
        return {"generated_text": [*prompt, {"role": "assistant", "content": answer}]}

    def _generated(self, *, prompt: Any, options: Mapping[str, Any]) -> str:
        [made] = self._pipe(prompt, return_full_text=False, **options)
        return str(made["generated_text"])

    def _pieces(self, *, prompt: Any, options: Mapping[str, Any]) -> Iterator[str]:
        streamer = TextIteratorStreamer(
            self._pipe.tokenizer, skip_prompt=True, skip_special_tokens=True
        )
        end = _Until()
        failed: Queue[BaseException] = Queue()

        def run() -> None:
            try:
                stops = StoppingCriteriaList([end, *options.get("stopping_criteria", ())])
                self._pipe(prompt, **{**options, "streamer": streamer, "stopping_criteria": stops})
            except BaseException as error:  # noqa: BLE001  # raised where the pieces are read
                failed.put(error)
                streamer.end()

        thread = Thread(target=run, name="guardrails-generating", daemon=True)
        thread.start()
        try:
            yield from streamer
        finally:
            end.now = True
            thread.join()
        if not failed.empty():
            raise failed.get()


def guard_pipeline(pipe: Any, **guarding: Any) -> GuardedPipeline:
    """Put a policy round a pipeline; see ``GuardedPipeline``."""
    return GuardedPipeline(pipe, **guarding)


class GuardedStreamer(TextStreamer):  # type: ignore[misc]  # transformers ships no types
    """A streamer for ``model.generate`` that lets text out once it is judged.

    What is blocked ends the generation: ``generate`` raises ``Blocked``. The prompt that it was
    given as tokens is judged too, as text, before anything is generated; one that the policy would
    redact raises ``ContentError``, for its tokens are with the model already.

    Args:
        tokenizer: of the model.
        policy: name of the policy.
        engine: what judges; either this or ``address``.
        address: the sidecar that judges.
        show: takes each text; prints it by default.
        on_verdict: told of both verdicts, before they are acted on.
    """

    def __init__(  # noqa: PLR0913  # each is an option that a caller names
        self,
        tokenizer: Any,
        *,
        policy: str,
        engine: Evaluator | None = None,
        address: str = "",
        show: Callable[[str], object] | None = None,
        on_verdict: Callable[[Verdict], object] | None = None,
    ) -> None:
        if (engine is None) == (not address):
            raise TypeError("a guard needs an engine or an address, and not both")
        super().__init__(tokenizer, skip_prompt=True, skip_special_tokens=True)
        self._judge, _ = judges(policy, engine, address)
        self._show = show or _printed
        self._told = on_verdict
        self._stream: Any = None

    def put(self, value: Any) -> None:
        """Take the prompt's tokens first, then those that are generated, of one sequence."""
        if self._stream is None:
            self._begin(self.tokenizer.decode(value.reshape(-1), skip_special_tokens=True))
        super().put(value)

    def on_finalized_text(self, text: str, stream_end: bool = False) -> None:  # noqa: FBT001, FBT002  # as in transformers
        """Judge what is certain by now, and show what is judged."""
        for released in self._stream.feed(text):
            self._show(released.text)
        if stream_end and self._stream.verdict is None:
            for released in self._stream.finish():
                self._show(released.text)
        if (verdict := self._stream.verdict) is not None:
            self._stream.close()
            self._stream = None
            self._heard(verdict)

    def _begin(self, asked: str) -> None:
        verdict = self._judge.evaluate(prompt(asked))
        self._heard(verdict)
        if verdict.content.text != asked:
            raise ContentError(
                f"policy '{verdict.policy}' redacts the prompt, whose tokens are with the model "
                "already, use `guard_pipeline`"
            )
        opening = Content((), Stage.OUTPUT, verdict.content.parts, sealed=verdict.sealed)
        self._stream = self._judge.stream(opening)

    def _heard(self, verdict: Verdict) -> None:
        if self._told is not None:
            self._told(verdict)
        if verdict.blocked:
            raise Blocked(verdict)


def _printed(text: str) -> None:
    print(text, end="", flush=True)  # noqa: T201  # as the streamer of transformers does


class _Until(StoppingCriteria):  # type: ignore[misc]  # transformers ships no types
    """Ends a generation when nobody listens any more."""

    now = False

    def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:
        del scores
        rows = input_ids[:, 0]
        return (rows == rows) == self.now  # noqa: PLR0124  # truth values, one a sequence


def _is_one(inputs: Any) -> bool:
    """Whether it is one prompt and not a list of them: a string, or the messages of one chat."""
    return isinstance(inputs, str) or (
        isinstance(inputs, Sequence) and bool(inputs) and isinstance(inputs[0], Mapping)
    )
