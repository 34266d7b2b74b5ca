"""Which parameter is the prompt: said, plain, or refused when the function is defined."""

import functools

import pytest

from guardrails.client import guard


def chat(model, messages):
    return f"{model} {messages}"


def ask(question, *, style):
    return f"{question} {style}"


def both(text, prompt):
    return f"{text} {prompt}"


def alone(anything):
    return anything


class Model:
    def generate(self, sentence):
        return sentence

    def __call__(self, words):
        return words


@pytest.mark.parametrize(
    ("function", "options", "args", "answer"),
    [
        (chat, {}, ("zephyr", "zephyr"), "zephyr <CONFIDENTIAL>"),
        (chat, {"prompt": "model"}, ("zephyr", "zephyr"), "<CONFIDENTIAL> zephyr"),
        (functools.partial(ask, style="zephyr").func, {}, ("zephyr",), None),
        (both, {}, ("zephyr", "zephyr"), "zephyr <CONFIDENTIAL>"),  # `prompt` wins
        (alone, {}, ("zephyr",), "<CONFIDENTIAL>"),
        (Model.generate, {}, (None, "zephyr"), "<CONFIDENTIAL>"),
        (Model().generate, {}, ("zephyr",), "<CONFIDENTIAL>"),
        (Model(), {}, ("zephyr",), "<CONFIDENTIAL>"),
    ],
)
def test_the_prompt_is_found_by_its_name_or_is_alone(judge, function, options, args, answer):
    seen = []

    @functools.wraps(function)
    def watched(*args, **kwargs):
        seen.append(function(*args, **kwargs))
        return "fine"

    kwargs = {"style": "kind"} if answer is None else {}
    guard(policy="tiny", **judge, **options)(watched)(*args, **kwargs)

    assert seen == [answer or "<CONFIDENTIAL> kind"]


def test_a_partial_of_a_guarded_function_is_guarded(judge):
    partial = functools.partial(guard(policy="tiny", **judge)(ask), "zephyr", style="kind")

    assert partial() == "<CONFIDENTIAL> kind"


def test_under_classmethod_and_staticmethod_it_is_at_home(judge):
    class Kind:
        @classmethod
        @guard(policy="tiny", **judge)
        def of_class(cls, prompt):
            return f"{cls.__name__} {prompt}"

        @staticmethod
        @guard(policy="tiny", **judge)
        def of_none(prompt):
            return prompt

    assert (Kind.of_class("zephyr"), Kind.of_none("zephyr")) == (
        "Kind <CONFIDENTIAL>",
        "<CONFIDENTIAL>",
    )


@pytest.mark.parametrize(
    ("function", "name", "message"),
    [
        (
            lambda: "x",
            None,
            "'<lambda>' has no parameters, guard needs one that holds the prompt",
        ),
        (
            alone,
            "question",
            "'alone' has no parameter 'question', guard needs one that holds the prompt",
        ),
        (
            lambda model, temperature=1.0, **more: (model, temperature, more),
            None,
            (
                "'<lambda>' has the parameters model, temperature, **more, "
                "say which holds the prompt: guard(prompt=...)"
            ),
        ),
        (
            lambda text, question: (text, question),
            None,
            (
                "'<lambda>' has the parameters text, question, "
                "say which holds the prompt: guard(prompt=...)"
            ),
        ),
        (
            lambda *prompts: prompts,
            None,
            "'<lambda>': '*prompts' cannot be the prompt, guard needs one that holds the prompt",
        ),
        (
            lambda model, **prompt: (model, prompt),
            None,
            "'<lambda>': '**prompt' cannot be the prompt, guard needs one that holds the prompt",
        ),
        (
            lambda model, *rest: (model, rest),
            "rest",
            "'<lambda>': '*rest' cannot be the prompt, guard needs one that holds the prompt",
        ),
        (
            functools.partial(alone, "zephyr"),
            None,
            (
                "guard would not see what a partial holds already, "
                "guard the function and make the partial of that"
            ),
        ),
        (
            classmethod(alone),
            None,
            "guard goes round the function itself, put @guard under @classmethod",
        ),
        (
            staticmethod(alone),
            None,
            "guard goes round the function itself, put @guard under @staticmethod",
        ),
        ("generate", None, "guard goes round a function, not a str"),
    ],
)
def test_what_is_not_plain_is_refused(function, name, message):
    with pytest.raises(TypeError) as caught:
        guard(policy="tiny", address="x", prompt=name)(function)

    assert str(caught.value) == message
