"""Own the signs of an attempt to give a model orders through a value."""

from typing import Final

from core.guardrails.base import CheckedInput, Score
from core.guardrails.evidence import Sign, search, weigh
from core.guardrails.fold import fold, normal, without_markup

# All are matched against folded text: lower case, single blanks.
_WORDS_BETWEEN: Final = r"(?:\S+ ){0,4}"
_EARLIER: Final = r"(?:previous|prior|above|earlier|preceding|foregoing|existing|system|original)"
_RULES: Final = r"(?:instructions?|rules?|prompts?|directions?|guidelines?|orders?|messages?|text)"
_SIGNS: Final = (
    Sign.of(
        "an order to ignore instructions",
        0.9,
        rf"\b(?:ignore|disregard|forget|override|bypass|neglect|skip) {_WORDS_BETWEEN}"
        rf"{_EARLIER} (?:\S+ ){{0,2}}{_RULES}\b",
    ),
    Sign.of(
        "an order to ignore instructions",
        0.9,
        r"\b(?:ignore|disregard|forget) (?:all |everything |anything )?(?:of )?"
        r"(?:your|the|those|these) (?:\S+ )?(?:instructions|rules|guidelines|prompt)\b",
    ),
    Sign.of(
        "an order to ignore instructions",
        0.9,
        r"\b(?:ignore|disregard|forget) (?:all|everything|anything) "
        r"(?:above|before|prior|you were told|you have been told|previous)\b",
    ),
    Sign.of(
        "an order to ignore instructions",
        0.9,
        r"\b(?:ignoriere|vergiss|missachte) (?:\S+ ){0,3}"
        r"(?:anweisungen|anweisung|regeln|vorgaben|instruktionen|befehle)\b",
    ),
    Sign.of(
        "an order to ignore instructions",
        0.9,
        r"\b(?:ignore[zr]?|oublie[zr]?) (?:\S+ ){0,3}(?:instructions|consignes|regles|règles)\b",
    ),
    Sign.of(
        "an order to ignore instructions",
        0.9,
        r"\b(?:ignora|olvida|ignore|esquece|dimentica) (?:\S+ ){0,3}"
        r"(?:instrucciones|reglas|instruções|regras|istruzioni|regole)(?:\s|$|\W)",
    ),
    Sign.of(
        "a request for the hidden prompt",
        0.85,
        r"\b(?:reveal|show|print|repeat|output|display|tell me|give me|leak|disclose|recite) "
        r"(?:\S+ ){0,3}(?:system prompt|system message|hidden prompt|initial prompt|"
        r"initial instructions|secret instructions|instructions (?:above|verbatim))\b",
    ),
    Sign.of(
        "an attempt to switch off rules",
        0.85,
        r"\b(?:developer|debug|god|dan|unrestricted|jailbreak|admin|root) mode "
        r"(?:is )?(?:now )?(?:on|enabled|activated|active|engaged)\b",
    ),
    Sign.of(
        "an attempt to switch off rules",
        0.6,
        r"\b(?:jailbreak|do anything now|without (?:any )?(?:restrictions|filters|limitations)|"
        r"no (?:ethical|moral) (?:guidelines|restrictions|limits))\b",
    ),
    Sign.of("new orders", 0.6, r"\bnew (?:system )?(?:instructions?|rules?|task) ?:"),
    Sign.of("new orders", 0.5, r"\bfrom now on,? you\b"),
    Sign.of("another role", 0.4, r"\byou are (?:now|no longer) "),
    Sign.of("another role", 0.4, r"\b(?:act|behave|pretend|roleplay) (?:as|to be|like) "),
)
# Matched against text in NFKC: the marks with which chat models part the roles.
_MARKS: Final = (
    Sign.of(
        "the marks of a chat format",
        0.85,
        r"(?i)<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id)\|>"
        r"|\[/?INST\]|<</?SYS>>|</?(?:system|assistant)(?:_prompt|_message)?>"
        r"|(?m:^\s*#{2,} *(?:system|assistant) *:?\s*$)",
    ),
)
# Source: Unicode, Tags block: letters that people do not see and models read.
_TAGS: Final = (Sign.of("hidden characters", 0.9, r"[\x{E0020}-\x{E007E}]{4}"),)


class PromptInjection:
    """Find known wordings; an attack in words of its own is not found."""

    name = "prompt_injection"

    def check_argument(self, argument: str | None) -> None:
        """Pass when nothing follows the name.

        Raises:
            ValueError: something does.
        """
        if argument is not None:
            msg = "Write prompt_injection alone."
            raise ValueError(msg)

    def score(self, text: CheckedInput, argument: str | None) -> Score:
        """Return how sure it is that what the caller gave holds orders for the model."""
        del argument
        found = search(_MARKS, normal(text.given)) | search(_TAGS, text.given)
        for reading in {fold(view) for view in (text.given, *without_markup(text.given))}:
            for kind, weight in search(_SIGNS, reading).items():
                found[kind] = max(weight, found.get(kind, 0.0))
        return weigh(found)
