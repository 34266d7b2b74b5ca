"""The names in a suite against the policy that it tries: an unknown one is a problem."""

from collections.abc import Collection, Mapping

from guardrails.checks.heads import ScorerCheck
from guardrails.core.content import Stage
from guardrails.engine.coverage import RULE as COVERAGE
from guardrails.models.model import Model, Models, Task
from guardrails.policy.plan import Plan
from guardrails.policy.problems import Problems, did_you_mean
from guardrails.policy.source import Node
from guardrails.testing.suite import Suite


def split(entry: str, rules: Collection[str]) -> tuple[str, str]:
    """A rule and, behind a dot, a category; both may hold dots, so the longest rule is meant."""
    words = entry.split(".")
    for count in range(len(words), 0, -1):
        rule = ".".join(words[:count])
        if rule in rules:
            return rule, ".".join(words[count:])
    rule, _, category = entry.partition(".")
    return rule, category


def check_names(suite: Suite, plan: Plan, models: Models, problems: Problems) -> None:
    """Note every rule, category, model and label that the policy does not have."""
    opened = {name: models.open(name) for name in plan.models}
    stubs = _Stubs(plan, opened, problems)
    rules = {stage: _Rules(plan, stage, problems) for stage in Stage}
    stubs.check(suite.node)
    for case, node in suite.case_nodes():
        stubs.check(node)
        rules[case.content.stage].check(node)
        _check_marks(node, plan, problems)


def _check_marks(node: Node, plan: Plan, problems: Problems) -> None:
    known = [step.name for step in plan.marks]
    for item in _items(node, "marks"):
        at = item.members.get("mark", item)
        if (name := str(at.value)) not in known:
            way_out = did_you_mean(name, known)
            problems.add(at.place, f"policy '{plan.name}' has no mark '{name}', {way_out}")


def _taught(plan: Plan) -> Mapping[str, Collection[str]]:
    """By model, the labels that the checks of a policy read, also those that they taught it."""
    labels: dict[str, set[str]] = {}
    for step in (step for chain in plan.chains.values() for step in chain.steps):
        if isinstance(step.check, ScorerCheck):
            for model in step.models:
                labels.setdefault(model, set()).update(step.check.labels)
    return labels


class _Rules:
    """The rules of one stage, and the names of them in cases."""

    def __init__(self, plan: Plan, stage: Stage, problems: Problems) -> None:
        self._nothing = f"policy '{plan.name}' has no {stage.value} rule"
        self._known = [step.rule for step in plan.chains[stage].steps]
        self._categories = {step.rule: step.check.categories for step in plan.chains[stage].steps}
        self._categories[COVERAGE] = ()
        self._problems = problems

    def check(self, node: Node) -> None:
        for entry in _items(node, "by"):
            rule, category = split(str(entry.value), self._categories)
            self._check_rule(rule, entry)
            self._check_category(rule, category, entry)
        for entry in _items(node, "unjudged"):
            self._check_rule(str(entry.value), entry)
        for find in _items(node, "finds"):
            rule = str(find.members["rule"].value)
            self._check_rule(rule, find.members["rule"])
            if written := find.members.get("category"):
                self._check_category(rule, str(written.value), written)

    def _check_rule(self, rule: str, at: Node) -> None:
        if rule in self._categories:
            return
        if self._known:
            message = f"{self._nothing} '{rule}', {did_you_mean(rule, self._known)}"
        else:
            message = f"{self._nothing}s"
        self._problems.add(at.place, message)

    def _check_category(self, rule: str, category: str, at: Node) -> None:
        known = self._categories.get(rule)
        if category and known is not None and category not in known:
            way_out = did_you_mean(category, known)
            self._problems.add(at.place, f"rule '{rule}' has no category '{category}', {way_out}")


class _Stubs:
    """The models that a policy runs, and what stands under ``models`` for them."""

    def __init__(self, plan: Plan, models: Mapping[str, Model], problems: Problems) -> None:
        self._policy = plan.name
        self._models = models
        self._taught = _taught(plan)
        self._problems = problems

    def check(self, node: Node) -> None:
        written = node.members.get("models")
        for name, answers in written.members.items() if written else ():
            if name in self._models:
                self._check_answers(answers, self._models[name])
            else:
                way_out = did_you_mean(name, self._models)
                message = f"policy '{self._policy}' runs no model '{name}', {way_out}"
                self._problems.add(answers.key, message)

    def _check_answers(self, answers: Node, model: Model) -> None:
        tags = model.task is Task.TOKEN_CLASSIFICATION
        labels = (*model.labels, *self._taught.get(model.name, ()))
        for key, answer in answers.members.items():
            if isinstance(answer.value, str) is not tags:
                form = "WORDS: LABEL" if tags else "LABEL: SCORE"
                message = f"model '{model.name}' does {model.task}, write '{form}'"
                self._problems.add(answer.place, message)
                continue
            label, place = (str(answer.value), answer.place) if tags else (key, answer.key)
            if label not in labels:
                way_out = did_you_mean(label, labels)
                self._problems.add(place, f"model '{model.name}' has no label '{label}', {way_out}")
            if not tags and not 0 <= float(str(answer.value)) <= 1:
                self._problems.add(answer.place, "a score is from 0 to 1")


def _items(node: Node, key: str) -> tuple[Node, ...]:
    return node.members[key].items if key in node.members else ()
