"""Own the shapes of versions, rendering and differences."""

from typing import Any

from prompthub.wire.base import Answer, Id, Moment, Reason, Request
from prompthub.wire.literals import Bump, DependencyType, FieldType, MessageRole, VerifierFailure


class RequiredField(Request):
    """One declared variable."""

    name: str
    type: FieldType = "string"
    required: bool = True
    description: str = ""
    default: Any = None


class ModelParams(Request):
    """Sampling parameters; null leaves the provider's default."""

    temperature: float | None = None
    max_tokens: int | None = None
    top_p: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    stop: list[str] | None = None
    seed: int | None = None


class PreValidation(Request):
    """Named checks of the input."""

    enabled: bool = False
    threshold: float = 0.8
    validators: list[str] = []


class Verification(Request):
    """A second model call that judges the answer by a rubric, by sources, or by both."""

    model: str | None = None
    rubric: str = ""
    sources_variable: str | None = None
    on_failure: VerifierFailure = "block"


class PostValidation(Request):
    """Checks of the answer."""

    enabled: bool = False
    prohibited_terms: list[str] = []
    required_elements: list[str] = []
    format_schema: dict[str, Any] | None = None
    verification: Verification | None = None


class GuardrailPolicy(Request):
    """Everything checked around one model call."""

    pre_validation: PreValidation = PreValidation()
    post_validation: PostValidation = PostValidation()


class Dependency(Request):
    """A version of a prompt of the same application that this one is made of.

    `version` is a number, or `latest` or `label:NAME` until publishing resolves it. An include is
    printed by the variable `config.name`, else by its prompt_id with `_` for `-`.
    """

    dependency_type: DependencyType
    prompt_id: str
    version: str
    config: dict[str, Any] = {}


class VersionBody(Request):
    """What a version says."""

    content: str
    system_prompt: str = ""
    metaprompt: str = ""
    model: str | None = None
    required_fields: list[RequiredField] = []
    model_params: ModelParams = ModelParams()
    guardrail_config: GuardrailPolicy = GuardrailPolicy()
    dependencies: list[Dependency] = []


class NewVersion(VersionBody):
    """A version to be saved: its body and a number, or the kind of step to the next one."""

    version: str | None = None
    bump: Bump = "patch"
    change_description: str = ""
    metadata: dict[str, Any] = {}


class VersionChanges(Request):
    """Changes to a draft; what is absent stays."""

    content: str | None = None
    system_prompt: str | None = None
    metaprompt: str | None = None
    model: str | None = None
    required_fields: list[RequiredField] | None = None
    model_params: ModelParams | None = None
    guardrail_config: GuardrailPolicy | None = None
    dependencies: list[Dependency] | None = None
    change_description: str | None = None
    metadata: dict[str, Any] | None = None


class Version(Answer):
    """A stored version. `created` stands in answers to a save: false when it existed already."""

    id: Id
    prompt_id: str
    version: str
    sequence: int
    checksum: str
    content: str
    system_prompt: str
    metaprompt: str
    model: str | None
    required_fields: list[RequiredField]
    model_params: ModelParams
    guardrail_config: GuardrailPolicy
    dependencies: list[Dependency] = []
    is_published: bool
    published_at: Moment | None
    published_by: str | None
    change_description: str
    created_by: str
    parent_version: str | None
    metadata: dict[str, Any]
    created_at: Moment
    updated_at: Moment
    revision: int


class SavedVersion(Version):
    """The answer to a save; `created` is false when a version with the same body existed."""

    created: bool


class Publication(Request):
    """How to publish; without `make_current` the version is served by number and label only."""

    make_current: bool = True
    reason: Reason = ""


class Rollback(Request):
    """Why to go back."""

    reason: Reason


class RenderRequest(Request):
    """Values of the declared variables."""

    variables: dict[str, Any] = {}


class RenderedMessage(Answer):
    """One message as a model would get it."""

    role: MessageRole
    content: str


class Rendered(Answer):
    """A version filled in, without a model call."""

    messages: list[RenderedMessage]
    version: str
    checksum: str


class Change(Answer):
    """One difference between two versions."""

    area: str
    what: str
    before: str
    after: str


class Difference(Answer):
    """What changed from one version to another, and the step that tells callers the truth."""

    from_version: str
    to_version: str
    changes: list[Change]
    suggested_bump: Bump


class Dependent(Answer):
    """A version that is made of the one asked about, and in which ways."""

    prompt_id: str
    version: str
    is_published: bool
    dependencies: list[Dependency]


class Dependents(Answer):
    """Who is touched when a version is deleted, or when a label that names it moves."""

    items: list[Dependent]
