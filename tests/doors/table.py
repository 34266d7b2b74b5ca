"""What is sent through every door, and by which policies it is judged."""

import base64
import io
from dataclasses import dataclass

from PIL import Image as Pillow

from guardrails.core.content import Surface

KEY = "k1:QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
REPLY = "I can't help with that."
RULES = """\
  - {check: keywords, rule: bad, with: {words: [forbidden], category: bad}, then: block}
  - {check: keywords, rule: zephyr, with: {words: [zephyr], category: confidential}, then: redact}
  - {check: keywords, rule: noted, with: {words: [curious], category: noted}, then: flag}
"""
WINDOWS = f"""\
policy: windows
hiding: {{keys: "{KEY}"}}
input:
{RULES}\
  - check: keywords
    rule: secret
    with: {{words: [quietname], category: secret}}
    then: redact
    redact: {{as: sealed}}
  - check: patterns
    rule: nicknames
    with: {{patterns: {{NICK: '[A-Z][a-z]+ "[A-Z][a-z]+" [A-Z][a-z]+'}}}}
    then: redact
    redact: {{as: sealed}}
  - check: keywords
    rule: tools
    with: {{words: [override], category: command}}
    surfaces: [tool]
  - check: keywords
    rule: papers
    with: {{words: [internal], category: internal}}
    surfaces: [user, document]
    then: redact
output:
{RULES}\
  - check: patterns
    rule: codes
    with: {{patterns: {{CODE: '^tangerin'}}}}
    then: redact
replies: {{block: "{REPLY}"}}
"""
WHOLE = """\
policy: whole
extends: windows
output:
  - {rule: zephyr, needs: whole}
"""
OBSERVE = """\
policy: observe
extends: windows
mode: observe
"""
POLICIES = {"windows": WINDOWS, "whole": WHOLE, "observe": OBSERVE}
ROUTES = """\
policy: windows
policy_header: x-policy
"""


def _png() -> bytes:
    made = io.BytesIO()
    Pillow.new("RGB", (8, 8), (10, 120, 200)).save(made, "PNG")
    return made.getvalue()


PICTURE = _png()
DATA = base64.b64encode(PICTURE).decode()
URL = f"data:image/png;base64,{DATA}"

ECHO = "{echo}"
"""Stands for the last text that the model got."""
FILLER = "All is well in the garden, and the bees are busy. "


@dataclass(frozen=True, slots=True)
class Case:
    """A prompt, and what a model says to it: in pieces of so many characters, where it streams."""

    asked: tuple[tuple[Surface, str], ...] = ((Surface.USER, "How is the weather?"),)
    says: str = "It is mild, and dry."
    call: str = ""
    size: int = 5
    picture: bool = False

    def heard(self, got):
        """Give what the model says when it got these texts."""
        return self.says.replace(ECHO, got[-1] if got else "")


def ask(text, **more):
    return Case(((Surface.USER, text),), **more)


AGAIN = "a value that comes again in a call"
CASES = {
    "clean": Case(),
    "a prompt that is blocked": ask("Tell me the forbidden thing."),
    "an answer that is blocked": Case(says="Take the forbidden thing."),
    "a prompt that is redacted": ask("Is project zephyr, our zephyr, on time?"),
    "an answer that is redacted": Case(says="It is project zephyr, I think."),
    "a value that is sealed and comes back": ask("I am quietname.", says=f"Hello! {ECHO}", size=2),
    "a finding that lies across two pieces": Case(says="say zephyr", size=7),
    "a finding in an answer of one piece": Case(says="say zephyr", size=1000),
    "a redaction late in a long answer": Case(
        says=f"{FILLER * 20}Then zephyr came. {FILLER * 3}", size=16
    ),
    "redactions in all windows": Case(says=f"A zephyr there. {FILLER}" * 12, size=11),
    "a block late in a long answer": Case(says=f"{FILLER * 20}Then the forbidden thing.", size=16),
    "disguised in the prompt": ask("the f\u200bo\u200brbidden thing"),
    "disguised in the answer": Case(says="Is it \uff5a\uff45\uff50\uff48\uff59\uff52, or not?"),
    "flagged on both ways": ask("I am curious.", says="So curious!"),
    "emoji and combining characters": ask(
        "Zu\u0308rich 👩\u200d👩\u200d👧 zephyr 🎉 e\u0301",
        says="e\u0301 🎉👍🏽 zephyr 👩\u200d🚀 a\u0308",
        size=1,
    ),
    "an answer without a word": Case(says=""),
    "a call that is blocked": Case(says="I look.", call='{"q": "the forbidden thing"}'),
    "a call that is redacted": Case(says="I look.", call='{"q": "about zephyr"}'),
    AGAIN: Case(says=f"tangerin is the code. {FILLER * 4}", call='{"q": "tangerin"}'),
    "a call that is blocked, without a word": Case(says="", call='{"q": "the forbidden thing"}'),
    "a call that is redacted, without a word": Case(says="", call='{"q": "about zephyr"}'),
    "a call that is blocked in escapes": Case(
        says="I look.", call='{"q": "the f\\u006frbidden thing"}'
    ),
    "a value that is sealed and comes back in a call": ask(
        "quietname", says="I look.", call='{"q": "<SECRET_1>"}', size=3
    ),
    "a tool that commands": Case(
        ((Surface.USER, "Go on."), (Surface.TOOL, "override all")), says="Done."
    ),
    "the same words of all others": Case(
        (
            (Surface.SYSTEM, "override, internal"),
            (Surface.USER, "override"),
            (Surface.ASSISTANT, "override, internal"),
            (Surface.TOOL, "internal"),
            (Surface.DOCUMENT, "override"),
        ),
        says="Done.",
    ),
    "a redaction of some, and the same of others": Case(
        (
            (Surface.SYSTEM, "an internal note"),
            (Surface.USER, "the internal one"),
            (Surface.DOCUMENT, "internal"),
        ),
        says="Done.",
    ),
    "a picture that no rule looks at": ask("What is this?", picture=True),
}
NICKNAME = ask('I am Ada "Cat" Love.', says="I look.", call='{"q": "<NICK_1>"}')
"""A value that JSON writes otherwise than as it is."""

DOES = {
    "a prompt that is blocked": ("block", None),
    "an answer that is blocked": ("allow", "block"),
    "a prompt that is redacted": ("redact", "allow"),
    "an answer that is redacted": ("allow", "redact"),
    "a value that is sealed and comes back": ("redact", "allow"),
    "a finding that lies across two pieces": ("allow", "redact"),
    "a finding in an answer of one piece": ("allow", "redact"),
    "a redaction late in a long answer": ("allow", "redact"),
    "redactions in all windows": ("allow", "redact"),
    "a block late in a long answer": ("allow", "block"),
    "disguised in the prompt": ("block", None),
    "disguised in the answer": ("allow", "redact"),
    "flagged on both ways": ("flag", "flag"),
    "emoji and combining characters": ("redact", "redact"),
    "a call that is blocked": ("allow", "block"),
    "a call that is redacted": ("allow", "redact"),
    "a call that is blocked, without a word": ("allow", "block"),
    "a call that is redacted, without a word": ("allow", "redact"),
    "a call that is blocked in escapes": ("allow", "block"),
    AGAIN: ("allow", "redact"),
    "a value that is sealed and comes back in a call": ("redact", "allow"),
    "a tool that commands": ("block", None),
    "a redaction of some, and the same of others": ("redact", "allow"),
    "a picture that no rule looks at": ("block", None),
}
"""Actions on prompt and answer, where the policy enforces; of the others nothing is found."""

TELLING = (
    "a prompt that is blocked",
    "an answer that is blocked",
    "a prompt that is redacted",
    "a value that is sealed and comes back",
    "a redaction late in a long answer",
    "a block late in a long answer",
    "a call that is redacted",
    AGAIN,
    "a picture that no rule looks at",
)
"""Cases that go by the other policies as well: those that observing, or holding back, touches."""
