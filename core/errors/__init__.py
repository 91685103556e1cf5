"""Own every error the product raises on purpose; the edges turn them into words and status codes.

PromptHubError                   code, message, facts                            HTTP
├─ NotFound                      kind, key                                       404
├─ Conflict                                                                      409
│  ├─ AlreadyExists              kind, key                                       409
│  ├─ VersionExists              version                                         409
│  ├─ VersionFrozen              version                                         409
│  ├─ NotPublished               version                                         409
│  ├─ AmbiguousPrompt            candidates                                      409
│  ├─ HasDependents              dependents                                      409
│  ├─ CyclicDependency           path                                            409
│  ├─ ExecutionRunning           execution_id                                    409
│  └─ StaleRevision              expected, actual                                409, 412 If-Match
├─ Invalid                       field, remedy                                   422
│  ├─ BadSelector                selector                                        422
│  ├─ TemplateInvalid            field, line                                     422
│  ├─ MissingVariables           names                                           422
│  ├─ ModelRequired                                                              422
│  ├─ TooLarge                   limit                                           413
│  ├─ UnsupportedMedia           media_type                                      415
│  ├─ AddressRefused             field                                           422
│  └─ SourceUnreadable           reason                                          422
├─ NotAuthenticated                                                              401
├─ NotAllowed                    role                                            403
├─ RateLimited                   retry_after_seconds, limit                      429
├─ BudgetExceeded                limit, unpriced                                 402
├─ GuardrailBlocked              stage, check, reason                            422
├─ NotConfigured                 setting, remedy                                 503
├─ Unavailable                   what, remedy                                    503
├─ FetchFailed                   upstream_status, is_retryable                   502
│  └─ FetchTimeout                                                               504
└─ ProviderError                 provider, model, is_retryable                   502
   ├─ ProviderTimeout                                                            504
   ├─ ProviderOverloaded         retry_after_seconds                             503
   ├─ ProviderRefused                                                            502
   └─ ProposalUnusable           lost, invented                                  502
"""

from core.errors.base import (
    BudgetExceeded,
    GuardrailBlocked,
    NotAllowed,
    NotAuthenticated,
    NotConfigured,
    NotFound,
    PromptHubError,
    RateLimited,
    Unavailable,
)
from core.errors.conflict import (
    AlreadyExists,
    AmbiguousPrompt,
    Conflict,
    CyclicDependency,
    ExecutionRunning,
    HasDependents,
    NotPublished,
    StaleRevision,
    VersionExists,
    VersionFrozen,
)
from core.errors.extraction import (
    AddressRefused,
    FetchFailed,
    FetchTimeout,
    SourceUnreadable,
)
from core.errors.invalid import (
    BadSelector,
    Invalid,
    MissingVariables,
    ModelRequired,
    TemplateInvalid,
    TooLarge,
    UnsupportedMedia,
)
from core.errors.provider import (
    ProposalUnusable,
    ProviderError,
    ProviderOverloaded,
    ProviderRefused,
    ProviderTimeout,
)

__all__ = [
    "AddressRefused",
    "AlreadyExists",
    "AmbiguousPrompt",
    "BadSelector",
    "BudgetExceeded",
    "Conflict",
    "CyclicDependency",
    "ExecutionRunning",
    "FetchFailed",
    "FetchTimeout",
    "GuardrailBlocked",
    "HasDependents",
    "Invalid",
    "MissingVariables",
    "ModelRequired",
    "NotAllowed",
    "NotAuthenticated",
    "NotConfigured",
    "NotFound",
    "NotPublished",
    "PromptHubError",
    "ProposalUnusable",
    "ProviderError",
    "ProviderOverloaded",
    "ProviderRefused",
    "ProviderTimeout",
    "RateLimited",
    "SourceUnreadable",
    "StaleRevision",
    "TemplateInvalid",
    "TooLarge",
    "Unavailable",
    "UnsupportedMedia",
    "VersionExists",
    "VersionFrozen",
]
