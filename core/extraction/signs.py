"""Own the signs by which a text shows that it is a prompt, an answer or a program."""

import re
from typing import Final

# How texts begin that tell a model who it is or what it shall do.
ROLE: Final = re.compile(
    r"[\"'\u201c\u2018`*_#\s]*(?:act as\b|act like\b|imagine (?:you are|you're)\b|"
    r"i want you to\b|i need you to\b|i would like you to\b|pretend (?:you are|to be)\b|"
    r"you are (?:a|an|the|now|going to be|my|helping)\b|you're (?:an?|helping|my)\b|"
    r"you will (?:act|be|help)\b|"
    r"your (?:task|role|job|goal) is\b|as an? (?:ai|expert|experienced|senior)\b|"
    r"please (?:act|write|create|generate|provide|summari[sz]e|explain|review|translate)\b)",
    re.IGNORECASE,
)
_VERBS: Final = (
    r"add|analy[sz]e|answer|assess|audit|automate|brainstorm|build|calculate|"
    r"categori[sz]e|change|check|choose|classify|clean|compare|complete|compose|condense|"
    r"consider|continue|convert|count|craft|create|critique|debug|define|demonstrate|"
    r"describe|design|detect|determine|develop|discuss|draft|edit|elaborate|estimate|"
    r"evaluate|examine|expand|explain|explore|extract|fill|find|fix|for|format|formulate|"
    r"generate|give|go|group|guess|help|highlight|identify|imagine|implement|improve|"
    r"include|interpret|investigate|list|make|map|model|modify|optimi[sz]e|organi[sz]e|"
    r"outline|paraphrase|perform|plan|polish|predict|prepare|present|prioriti[sz]e|"
    r"produce|proofread|propose|provide|rank|rate|read|reason|recommend|refactor|"
    r"reformat|research|respond|return|review|revise|rewrite|rephrase|roleplay|score|"
    r"search|select|share|shorten|show|simplify|simulate|solve|split|start|suggest|"
    r"summari[sz]e|take|teach|tell|test|think|transform|translate|turn|update|use|verify|"
    r"walk|what|write"
)
IMPERATIVE: Final = re.compile(
    rf"[\"'\u201c\u2018`*_#\s]*(?:please |can you |could you |let's )?(?:{_VERBS})\b",
    re.IGNORECASE,
)
# The verbs with which a point of a list asks for a text; others begin good advice as often.
WRITING: Final = re.compile(
    r"[\"'\u201c\u2018`*_\s]*(?:please )?(?:write|create|generate|summari[sz]e|translate|rewrite|"
    r"draft|compose|explain|brainstorm|act as|imagine)\b",
    re.IGNORECASE,
)
# A label that says what follows it, such as "Prompt:" or "Example response 2:".
PROMPT_LABEL: Final = re.compile(
    r"[*_\s]*(?:(?:an? |the |simple |example |sample |final |improved |(?:more )?complex |"
    r"(?:more )?complicated |system |user |first |second |new )*(?:prompt|instruction)"
    r"(?: \d+)?[*_\s]*:)[*_\s]*",
    re.IGNORECASE,
)
ANSWER_LABEL: Final = re.compile(
    r"[*_\s]*(?:(?:an? |the |simple |example |sample |model |expected |(?:more )?complex |chatgpt |"
    r"ai |chatgpt's |model's )*(?:response|answer|output|reply|result|completion)s?"
    r"(?: \d+)?[*_\s]*:)[*_\s]*",
    re.IGNORECASE,
)
_PROMPT_WORD: Final = re.compile(
    r"\b(?:prompt|prompts|instruction|ask|question|input)\b", re.IGNORECASE
)
_ANSWER_WORD: Final = re.compile(
    r"\b(?:response|responses|answer|answers|output|outputs|reply|replies|replied|returned|"
    r"completion|result|results)\b",
    re.IGNORECASE,
)
_PROMPT_HINT: Final = re.compile(r"(?<![a-z])prompt")
_ANSWER_HINT: Final = re.compile(r"(?<![a-z])(?:output|response|answer|completion|result)")
_PROGRAM_HINT: Final = re.compile(
    r"(?:^|[\s-])(?:python|py|javascript|js|typescript|ts|tsx|jsx|java|c|cpp|csharp|go|rust|ruby|"
    r"php|sql|bash|sh|shell|console|powershell|html|css|xml|json|yaml|yml|toml|ini|dockerfile|"
    r"diff|http|graphql|mermaid)(?:$|\s)"
)
_PROGRAM: Final = re.compile(
    r"^\s*(?:import \w|from \w[\w.]* import |def \w+\(|class \w+[:({]|function \w*\(|const \w+ ?=|"
    r"let \w+ ?=|var \w+ ?=|#include|#!/|public class |select .+ from |curl |pip install |"
    r"npm (?:i|install|run) |git \w+ |.*\u251c\u2500|\$ \w+|<\?xml|<!doctype|<html)",
    re.IGNORECASE | re.MULTILINE,
)
_DATA: Final = re.compile(r"\s*[\[{]\s*(?:[\"'\n]|//)")


def is_program(text: str, hint: str) -> bool:
    """Tell whether a block of code is a program or data for one."""
    if _PROGRAM_HINT.search(hint):
        return True
    begins_as_prompt = ROLE.match(text) or IMPERATIVE.match(text)
    return not begins_as_prompt and bool(_DATA.match(text) or _PROGRAM.search(text[:2_000]))


def names_prompt(hint: str) -> bool:
    """Tell whether the markup of a block calls it a prompt."""
    return _PROMPT_HINT.search(hint) is not None


def names_answer(hint: str) -> bool:
    """Tell whether the markup of a block calls it an answer."""
    return _ANSWER_HINT.search(hint) is not None


def announces_answer(lead: str) -> bool | None:
    """Tell whether the text before a block announces an answer; None when it says neither."""
    last = lead.rsplit("\n", 1)[-1]
    if ANSWER_LABEL.search(last):
        return True
    if PROMPT_LABEL.search(last):
        return False
    answer, prompt = _ANSWER_WORD.search(last), _PROMPT_WORD.search(last)
    if answer is None:
        return None if prompt is None else False
    # "The response to this prompt might be:", but also "A prompt for shorter answers:".
    is_first = prompt is None or answer.start() < prompt.start()
    return is_first if last.rstrip().endswith(":") else None
