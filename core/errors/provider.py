"""Own the errors of model providers, each with words of ours."""

from core.errors.base import PromptHubError


class ProviderError(PromptHubError):
    """A model provider failed; the message is ours, never the provider's raw text."""

    code = "provider_error"

    def __init__(
        self, message: str, *, provider: str, model: str = "", is_retryable: bool = False
    ) -> None:
        super().__init__(message, provider=provider, model=model)
        self.provider = provider
        self.model = model
        self.is_retryable = is_retryable


class ProviderTimeout(ProviderError):
    """The provider did not answer in time."""

    code = "provider_timeout"


class ProviderOverloaded(ProviderError):
    """The provider asks to come back later."""

    code = "provider_overloaded"

    def __init__(
        self, message: str, *, provider: str, model: str = "", retry_after_seconds: float = 0
    ) -> None:
        super().__init__(message, provider=provider, model=model, is_retryable=True)
        self.retry_after_seconds = retry_after_seconds


class ProviderRefused(ProviderError):
    """The provider turned the request down: key, permission, model name or parameters."""

    code = "provider_refused"


class ProposalUnusable(ProviderError):
    """A model's rewrite of a prompt cannot be taken; nothing was changed."""

    code = "proposal_unusable"

    def __init__(self, message: str, *, model: str, **facts: object) -> None:
        super().__init__(message, provider=model.partition("/")[0], model=model)
        self.add_facts(**facts)
