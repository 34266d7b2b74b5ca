"""A compiled plan as plain text: what will run, in which order, and what then happens. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from guardrails.core.content import Surface
from guardrails.core.verdict import Action
from guardrails.policy.plan import Candidate, Chain, Plan, Step
from guardrails.policy.terms import Release, Saturation

_TITLES = (
    "rule",
    "check",
    "from",
    "then",
    "on error",
    "unjudged",
    "timeout",
    "surfaces",
    "always",
    "model",
)
_SATURATED = {
    Saturation.REFUSE: "refuse",
    Saturation.LIGHT: "light rules judge, those with a model are unjudged",
}


def render(plan: Plan) -> str:
    """The plan for people, one line a step."""
    lines = [*_head(plan)]
    for chain in plan.chains.values():
        lines += ["", *_chain(chain)]
    return "\n".join(lines) + "\n"


def _head(plan: Plan) -> Iterator[str]:
    yield f"policy       {plan.name}"
    yield f"file         {plan.file}"
    yield f"hash         {plan.hash}"
    yield f"mode         {plan.mode.value}"
    limits = asdict(plan.limits).items()
    yield f"limits       {', '.join(f'{number:,} {name}' for name, number in limits)}"
    yield f"on unjudged  {plan.on_unjudged.word}"
    yield f"saturated    {_SATURATED[plan.when_saturated]}"
    if plan.reader:
        yield f"pictures     their text is read by {plan.reader.name}"
    if plan.terms.keyring:
        yield f"hiding       {plan.terms.told}"
    yield f"streams      {_streams(plan)}"
    if plan.candidate:
        yield f"shadow       {_beside(plan.candidate)}"
    for action, text in plan.replies.items():
        yield f"reply        {action.word}: {text!r}"
    for name, sha256 in plan.models.items():
        yield f"model        {name} {sha256[:12]}"


def _beside(candidate: Candidate) -> str:
    """Which policy runs beside it, and for how many requests that acts."""
    share = f"{100 * candidate.share:.10g}%"
    acts = f"acts for {share} of the requests" if candidate.share else "decides nothing"
    return f"{candidate.plan.file}, {candidate.plan.hash[:12]}: {acts}"


def _streams(plan: Plan) -> str:
    """How long a streamed answer is held back, and by whom."""
    if plan.whole:
        named = ", ".join(f"'{name}'" for name in plan.whole)
        late = "judged" if plan.stream.release is Release.EAGER else "held back"
        verb = "needs" if len(plan.whole) == 1 else "need"
        return f"{plan.stream.release}, {late} until the answer is whole: {named} {verb} that"
    window = f"{plan.window:,} characters and the {plan.overlap:,} before them"
    return f"{plan.stream.release}, judged by {window}"


def _chain(chain: Chain) -> Iterator[str]:
    if not chain.waves:
        yield f"{chain.stage.value}: no rules, everything passes"
    for number, wave in enumerate(chain.waves, 1):
        yield f"{chain.stage.value}, wave {number}: {wave.cost.value}"
        yield from _table([_TITLES, *(_row(step) for step in wave.steps)])
        for step in wave.steps:
            if _differ(step):
                yield f"    {step.rule} from {_by_category(step)}"


def _row(step: Step) -> tuple[str, ...]:
    return (
        step.rule,
        step.check_name,
        "below" if _differ(step) else _scores(step)[0],
        f"redact as {_styles(step)}" if step.then is Action.REDACT else step.then.word,
        step.on_error.word,
        step.on_unjudged.word,
        f"{step.timeout:g}s" if step.timeout >= 1 else f"{step.timeout * 1000:g}ms",
        "all" if step.surfaces == set(Surface) else " ".join(sorted(step.surfaces)),
        "yes" if step.always else "",
        " ".join(step.models),
    )


def _styles(step: Step) -> str:
    each = [f"{category} {style.value}" for category, style in step.redact_each.items()]
    return ", ".join([step.redact_as.value, *each])


def _scores(step: Step) -> list[str]:
    return [f"{score:g}" for score in step.thresholds.values() or [step.threshold]]


def _differ(step: Step) -> bool:
    """Whether one score does not tell all."""
    return len(step.thresholds) > 1 or (
        bool(step.thresholds) and not step.covers(step.check.categories)
    )


def _by_category(step: Step) -> str:
    each = [f"{category} {score:g}" for category, score in step.thresholds.items()]
    others = [] if step.covers(step.check.categories) else [f"others {step.threshold:g}"]
    return ", ".join([*each, *others])


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells)}".rstrip()
