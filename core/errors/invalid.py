"""Own the errors of input that breaks a rule."""

from collections.abc import Sequence

from core.errors.base import PromptHubError


class Invalid(PromptHubError):
    """The input breaks a rule; `field` says where and `remedy` what to do."""

    code = "invalid"

    def __init__(self, message: str, *, field: str = "", remedy: str = "", **facts: object) -> None:
        super().__init__(message, field=field, remedy=remedy, **facts)
        self.field = field
        self.remedy = remedy


class BadSelector(Invalid):
    """A version selector is neither a number, `latest` nor `label:NAME`."""

    code = "bad_selector"

    def __init__(self, selector: str) -> None:
        super().__init__(
            "The version is written neither as a number such as 1.2.0, nor latest, nor label:NAME.",
            field="version",
            remedy="Use a number such as 1.2.0, latest, or label:NAME.",
        )
        self.selector = selector


class TemplateInvalid(Invalid):
    """A template does not parse, uses something refused, or outgrew its budget."""

    code = "template_invalid"

    def __init__(
        self, message: str, *, field: str = "content", line: int | None = None, remedy: str = ""
    ) -> None:
        super().__init__(message, field=field, remedy=remedy, line=line)
        self.line = line


class MissingVariables(Invalid):
    """Required variables were not given; all of them are named at once."""

    code = "missing_variables"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            f"No value was given for {', '.join(names)}.",
            field="variables",
            remedy="Give a value for each of them.",
            names=list(names),
        )
        self.names = tuple(names)


class ModelRequired(Invalid):
    """No model is named by the request, the version, the prompt or the settings."""

    code = "model_required"

    def __init__(self) -> None:
        super().__init__(
            "No model is chosen for this execution.",
            field="model",
            remedy="Name a model as connection/model, or set a default model on the prompt.",
        )


class TooLarge(Invalid):
    """The input is larger than its limit (`limit` in bytes or items, named by the message)."""

    code = "too_large"

    def __init__(self, message: str, *, field: str, limit: int) -> None:
        super().__init__(message, field=field, remedy="Make it smaller.", limit=limit)
        self.limit = limit


class UnsupportedMedia(Invalid):
    """The body is of a content type that is not taken here."""

    code = "unsupported_media_type"

    def __init__(self, media_type: str) -> None:
        super().__init__(
            "This content type is not taken here.",
            field="content-type",
            remedy="Send application/json.",
        )
        self.media_type = media_type
