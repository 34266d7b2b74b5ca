"""The questions that the text guard answers, in the order of its outputs."""

CONTENT = (
    "toxicity",
    "severe_toxicity",
    "obscene",
    "threat",
    "insult",
    "identity_attack",
    "sexual",
    "violence",
    "self_harm",
    "harassment",
)
PROMPT = ("prompt_injection", "jailbreak", "harmful_request")
SLANT = ("sexism", "bias")
HEADS = CONTENT + PROMPT + SLANT
MARKED = "toxicity"  # what the token head marks
