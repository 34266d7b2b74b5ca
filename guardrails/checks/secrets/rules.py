"""What secrets look like: the rules of detect-secrets in linear-time form, and our own."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

from detect_secrets.plugins.artifactory import ArtifactoryDetector
from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.plugins.basic_auth import BasicAuthDetector
from detect_secrets.plugins.cloudant import CloudantDetector
from detect_secrets.plugins.discord import DiscordBotTokenDetector
from detect_secrets.plugins.github_token import GitHubTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.ibm_cloud_iam import IbmCloudIamDetector
from detect_secrets.plugins.ibm_cos_hmac import IbmCosHmacDetector
from detect_secrets.plugins.keyword import DENYLIST
from detect_secrets.plugins.mailchimp import MailchimpDetector
from detect_secrets.plugins.npm import NpmDetector
from detect_secrets.plugins.openai import OpenAIDetector
from detect_secrets.plugins.pypi_token import PypiTokenDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.slack import SlackDetector
from detect_secrets.plugins.softlayer import SoftlayerDetector
from detect_secrets.plugins.square_oauth import SquareOAuthDetector
from detect_secrets.plugins.stripe import StripeDetector
from detect_secrets.plugins.telegram_token import TelegramBotTokenDetector
from detect_secrets.plugins.twilio import TwilioKeyDetector

BASIC_AUTH = "BASIC_AUTH"
JWT = "JSON_WEB_TOKEN"
KEYWORD = "SECRET_KEYWORD"
ENTROPY = "HIGH_ENTROPY_STRING"


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern in the syntax of RE2; the secret is its last group, or else all of it."""

    category: str
    pattern: str
    score: float = 1.0


LIBRARY: Mapping[type[RegexBasedDetector], str] = MappingProxyType(
    {
        ArtifactoryDetector: "ARTIFACTORY_TOKEN",
        AWSKeyDetector: "AWS_ACCESS_KEY",
        AzureStorageKeyDetector: "AZURE_STORAGE_KEY",
        BasicAuthDetector: BASIC_AUTH,
        CloudantDetector: "CLOUDANT_KEY",
        DiscordBotTokenDetector: "DISCORD_TOKEN",
        GitHubTokenDetector: "GITHUB_TOKEN",
        GitLabTokenDetector: "GITLAB_TOKEN",
        IbmCloudIamDetector: "IBM_CLOUD_KEY",
        IbmCosHmacDetector: "IBM_COS_KEY",
        MailchimpDetector: "MAILCHIMP_KEY",
        NpmDetector: "NPM_TOKEN",
        OpenAIDetector: "OPENAI_KEY",
        PypiTokenDetector: "PYPI_TOKEN",
        SendGridDetector: "SENDGRID_KEY",
        SlackDetector: "SLACK_TOKEN",
        SoftlayerDetector: "SOFTLAYER_KEY",
        SquareOAuthDetector: "SQUARE_SECRET",
        StripeDetector: "STRIPE_KEY",
        TelegramBotTokenDetector: "TELEGRAM_TOKEN",
        TwilioKeyDetector: "TWILIO_KEY",
    }
)
"""The category of each detector of detect-secrets whose patterns are used as they are."""

REPLACED: Mapping[str, str] = MappingProxyType(
    {
        "JwtTokenDetector": "its match ends before the signature",
        "PrivateKeyDetector": "it finds the first line of a key, not the key",
        "KeywordDetector": "its patterns refer back to quotes; the words are used",
        "Base64HighEntropyString": "it asks for quotes, which prompts do not have",
        "HexHighEntropyString": "quoted digests are no secrets",
        "IPPublicDetector": "an address is not a secret",
    }
)
"""Detectors of detect-secrets that are not used as they are, and why."""

_BEGIN = r"(?:(?<=\W)|(?<=^))"
_LOOKAHEAD = re.compile(r"""\(\?!(?P<set>\\w|\[[^\]]+\])\)(?P<close>\)?)(?:\(\?:"\|\\'\|\))?\Z""")
_PREFIX_GROUPS = re.compile(r"\((?=ghp\||glpat\||\[0-9a-fA-F\]\{2\}_\)\?)")

_TOKENS: tuple[tuple[str, str], ...] = (
    ("ANTHROPIC_KEY", r"\bsk-ant-[a-z0-9]{3,12}-[A-Za-z0-9_-]{20,200}"),
    ("OPENAI_KEY", r"\bsk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{20,200}"),
    ("OPENAI_KEY", r"\bsk-[A-Za-z0-9]{48}\b"),
    ("GOOGLE_API_KEY", r"\bAIza[0-9A-Za-z_-]{35}\b"),
    ("GOOGLE_OAUTH_SECRET", r"\bGOCSPX-[0-9A-Za-z_-]{28}\b"),
    ("GITHUB_TOKEN", r"\bgithub_pat_[0-9A-Za-z_]{60,90}\b"),
    ("SLACK_TOKEN", r"\bxapp-[0-9]-[A-Z0-9]+-[0-9]+-[a-z0-9]{20,128}"),
    ("SLACK_TOKEN", r"\bxox[abposre](?:\.xox[bp])?-[0-9A-Za-z-]{20,200}"),
    ("STRIPE_KEY", r"\b[rs]k_(?:live|test)_[0-9A-Za-z]{16,120}\b"),
    ("STRIPE_KEY", r"\bwhsec_[0-9A-Za-z]{24,80}\b"),
    ("NPM_TOKEN", r"\bnpm_[0-9A-Za-z]{36}\b"),
    ("HUGGING_FACE_TOKEN", r"\bhf_[0-9A-Za-z]{30,40}\b"),
    ("DIGITALOCEAN_TOKEN", r"\bdo[opr]_v1_[0-9a-f]{64}\b"),
    ("SHOPIFY_TOKEN", r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b"),
    ("DATABRICKS_TOKEN", r"\bdapi[0-9a-f]{32}\b"),
    ("VAULT_TOKEN", r"\bhv[sb]\.[0-9A-Za-z_-]{24,200}"),
    ("AGE_KEY", r"\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b"),
    ("AZURE_SECRET", r"\b[0-9A-Za-z_~.]{3}[78]Q~[0-9A-Za-z_~.-]{31,34}"),
    (JWT, r"\beyJ[A-Za-z0-9_=-]{8,}\.[A-Za-z0-9_=-]{8,}\.[A-Za-z0-9_=-]*"),
)

_PRIVATE_KEY = (
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----"
    r"(?s:.*?-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|[A-Za-z0-9+/=\s\\]*)"
)
_SSH2_KEY = r"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----(?s:.*?---- END SSH2 [A-Z ]+KEY ----)?"
_PUTTY_KEY = r"PuTTY-User-Key-File-[23]:(?s:.*?Private-MAC: [0-9a-f]+)?"

_NAME = rf"(?i:{'|'.join((*DENYLIST, 'access_?token', 'auth_?token', 'bearer_?token'))})\w*"
_ASSIGN = r"[\]'\"]{0,2}[ \t]*(?::=|={1,3}>?|!==?|:{1,2})[ \t]*@?"
_QUOTED = "|".join(rf"{quote}[^\s{quote}]{{6,200}}{quote}" for quote in "\"'`")
_BARE = r"[^\s'\"`,;()<>{}\[\]$]{8,200}"
_SHORTEST_RANDOM = 24
"""Fewer characters can hardly reach the limit of entropy."""
_BEARER = r"(?i:authorization: *(?:bearer|basic|token)) +([A-Za-z0-9._~+/-]{16,}=*)"


def rules() -> tuple[Rule, ...]:
    """List every rule; the most telling of those that match one place come first."""
    library = (
        Rule(category, linear(regex))
        for detector, category in LIBRARY.items()
        for regex in cast("Iterable[re.Pattern[str]]", detector.denylist)
    )
    return (
        *(Rule("PRIVATE_KEY", key) for key in (_PRIVATE_KEY, _SSH2_KEY, _PUTTY_KEY)),
        *(Rule(category, pattern) for category, pattern in _TOKENS),
        *library,
        Rule("AUTHORIZATION_HEADER", _BEARER, 0.9),
        Rule(KEYWORD, rf"{_NAME}{_ASSIGN}({_QUOTED})", 0.8),
        Rule(KEYWORD, rf"{_NAME}[ \t]*[:=][ \t]*({_BARE})(?:[\s,;'`]|$)", 0.7),
        Rule(ENTROPY, rf"[A-Za-z0-9+/_-]{{{_SHORTEST_RANDOM},}}={{0,2}}", 0.6),
        Rule(ENTROPY, r"""["'][0-9a-fA-F]{32,128}["']""", 0.6),
    )


def linear(regex: re.Pattern[str]) -> str:
    """Say a pattern of detect-secrets in the syntax of RE2, which has no lookaround.

    What looked around now takes a character, so the secret becomes a group.
    """
    pattern = _PREFIX_GROUPS.sub("(?:", regex.pattern.replace(_BEGIN, r"(?:^|\W)"))
    pattern = pattern.replace("1024}", "1000}")  # the most that RE2 repeats
    if behind := _LOOKAHEAD.search(pattern):
        body = pattern[: behind.start()]
        body = body + ")" if behind["close"] else f"({body})"
        pattern = f"{body}(?:{_negated(behind['set'])}|$)"
    return f"(?im:{pattern})" if regex.flags & re.IGNORECASE else f"(?m:{pattern})"


def _negated(characters: str) -> str:
    return rf"[^{characters}]" if characters.startswith("\\") else f"[^{characters[1:]}"
