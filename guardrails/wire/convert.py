"""Between our words and the messages that travel. Pure."""

from collections.abc import Iterable
from dataclasses import asdict

from guardrails.core.content import Caller, Content, Image, Part, Stage, Surface, Text
from guardrails.core.errors import ContentError
from guardrails.core.verdict import Action, Marked, Outcome, Report, Verdict
from guardrails.wire import findings
from guardrails.wire import guardrails_pb2 as pb

MOST_PARTS = 20_000
"""Parts of one request; more are refused before all are read, whatever a policy's limits are."""

_STAGES = {pb.STAGE_INPUT: Stage.INPUT, pb.STAGE_OUTPUT: Stage.OUTPUT}
_SURFACES = {
    pb.SURFACE_SYSTEM: Surface.SYSTEM,
    pb.SURFACE_USER: Surface.USER,
    pb.SURFACE_ASSISTANT: Surface.ASSISTANT,
    pb.SURFACE_TOOL: Surface.TOOL,
    pb.SURFACE_DOCUMENT: Surface.DOCUMENT,
}
_ACTIONS = {
    pb.ACTION_ALLOW: Action.ALLOW,
    pb.ACTION_FLAG: Action.FLAG,
    pb.ACTION_REDACT: Action.REDACT,
    pb.ACTION_BLOCK: Action.BLOCK,
}
_OUTCOMES = {
    pb.OUTCOME_FOUND: Outcome.FOUND,
    pb.OUTCOME_CLEAR: Outcome.CLEAR,
    pb.OUTCOME_FAILED: Outcome.FAILED,
    pb.OUTCOME_UNJUDGED: Outcome.UNJUDGED,
}
_TO_STAGE = {word: number for number, word in _STAGES.items()}
_TO_SURFACE = {word: number for number, word in _SURFACES.items()}
_TO_ACTION = {word: number for number, word in _ACTIONS.items()}
_TO_OUTCOME = {word: number for number, word in _OUTCOMES.items()}


def request(content: Content, policy: str) -> pb.EvaluateRequest:
    """Write what is asked."""
    return pb.EvaluateRequest(
        policy=policy,
        stage=_TO_STAGE[content.stage],
        parts=[_part(part) for part in content.parts],
        prompt=[_part(part) for part in content.prompt],
        sealed=content.sealed,
        tenant=content.caller.tenant,
        person=content.caller.person,
    )


def content(message: pb.EvaluateRequest) -> Content:
    """Read what is asked.

    Raises:
        ContentError: the stage is not set, a part holds nothing, its surface is unknown, or there
            are more parts than anybody sends.
    """
    if len(message.parts) + len(message.prompt) > MOST_PARTS:
        raise ContentError(f"more than {MOST_PARTS:,} parts, send fewer")
    stage = _STAGES.get(message.stage)
    if stage is None:
        raise ContentError("stage is not set, send STAGE_INPUT or STAGE_OUTPUT")
    speaker = Surface.USER if stage is Stage.INPUT else Surface.ASSISTANT
    return Content(
        _parts("part", message.parts, speaker),
        stage,
        _parts("prompt part", message.prompt, Surface.USER),
        Caller(message.tenant, message.person),
        message.sealed,
    )


def response(verdict: Verdict) -> pb.EvaluateResponse:
    """Write a verdict."""
    return pb.EvaluateResponse(
        verdict=pb.Verdict(
            id=verdict.id,
            action=_TO_ACTION[verdict.action],
            stage=_TO_STAGE[verdict.stage],
            content=[_part(part) for part in verdict.content.parts],
            reply=verdict.reply,
            reports=[_report(report) for report in verdict.reports],
            policy=verdict.policy,
            policy_hash=verdict.policy_hash,
            models=verdict.models,
            milliseconds=verdict.milliseconds,
            sealed=verdict.sealed,
            marks=[pb.Marked(**asdict(one)) for one in verdict.marks],
        )
    )


def verdict(message: pb.EvaluateResponse, asked: Content) -> Verdict:
    """Read a verdict on what was asked. An action that is unknown here blocks."""
    read = message.verdict
    action = _ACTIONS.get(read.action, Action.BLOCK)
    passed_on = () if action is Action.BLOCK else _parts("part", read.content, Surface.USER)
    return Verdict(
        id=read.id,
        action=action,
        content=Content(passed_on, asked.stage, asked.prompt, asked.caller),
        reports=tuple(_read_report(report) for report in read.reports),
        policy=read.policy,
        policy_hash=read.policy_hash,
        stage=asked.stage,
        reply=read.reply if read.HasField("reply") else None,
        models=dict(read.models),
        milliseconds=read.milliseconds,
        sealed=read.sealed,
        marks=tuple(
            Marked(one.mark, one.key_id, one.part, one.payload, one.attachment)
            for one in read.marks
        ),
    )


def surface_number(surface: Surface) -> pb.Surface:
    """Write where a part came from."""
    return _TO_SURFACE[surface]


def surface(place: str, number: int, speaker: Surface) -> Surface:
    """Read where a part came from: the speaker, where it is not said.

    Raises:
        ContentError: it is unknown; ``place`` names the part.
    """
    if number == pb.SURFACE_UNSPECIFIED:
        return speaker
    known: Surface | None = _SURFACES.get(number)  # type: ignore[call-overload]  # or any other
    if known is None:
        raise ContentError(f"{place} has the unknown surface {number}")
    return known


def _part(part: Part) -> pb.Part:
    spoken = _TO_SURFACE[part.surface]
    if isinstance(part, Text):
        return pb.Part(surface=spoken, text=part.text)
    return pb.Part(surface=spoken, image=part.data)


def _parts(what: str, messages: Iterable[pb.Part], speaker: Surface) -> tuple[Part, ...]:
    return tuple(
        _read_part(f"{what} {number}", message, speaker) for number, message in enumerate(messages)
    )


def _read_part(place: str, message: pb.Part, speaker: Surface) -> Part:
    spoken = surface(place, message.surface, speaker)
    match message.WhichOneof("kind"):
        case "text":
            return Text(message.text, spoken)
        case "image":
            return Image(message.image, spoken)
        case _:
            raise ContentError(f"{place} holds nothing, set its text or its image")


def _report(report: Report) -> pb.Report:
    return pb.Report(
        rule=report.rule,
        check=report.check,
        outcome=_TO_OUTCOME[report.outcome],
        action=_TO_ACTION[report.action],
        findings=[findings.written(finding) for finding in report.findings],
        scores=report.scores,
        parts=report.parts,
        reason=report.reason,
        milliseconds=report.milliseconds,
        thresholds=report.thresholds,
    )


def _read_report(message: pb.Report) -> Report:
    return Report(
        rule=message.rule,
        check=message.check,
        outcome=_OUTCOMES.get(message.outcome, Outcome.FAILED),
        action=_ACTIONS.get(message.action, Action.BLOCK),
        findings=tuple(findings.read(finding) for finding in message.findings),
        scores=dict(message.scores),
        parts=tuple(message.parts),
        reason=message.reason,
        milliseconds=message.milliseconds,
        thresholds=dict(message.thresholds),
    )
