"""Own what routers ask for by annotation: the caller, the runtime, the prompt of the path."""

from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Query
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, AwareDatetime, BaseModel, ValidationError
from starlette.requests import Request

from core.api.callers import Caller, runtime_of
from core.documents import Prompt, User
from core.errors import NotAuthenticated
from core.execution.idempotency import KEY_PATTERN
from core.prompts.catalogue import get_prompt
from core.runtime import Runtime
from core.values.ids import Id
from core.values.scope import Scope

Value = TypeVar("Value", bound=BaseModel)


async def _runtime(request: Request) -> Runtime:
    return runtime_of(request)


async def _caller(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


Asking = Annotated[Caller, Depends(_caller)]
Running = Annotated[Runtime, Depends(_runtime)]


async def _scope(caller: Asking) -> Scope:
    return caller.scope


async def _user(caller: Asking) -> User:
    if caller.user is None:
        raise NotAuthenticated("Sign in first.")
    return caller.user


AskingScope = Annotated[Scope, Depends(_scope)]
AskingUser = Annotated[User, Depends(_user)]


async def _prompt(
    prompt_id: str,
    scope: AskingScope,
    application_id: Annotated[
        Id | None,
        Query(description="Which application's prompt, where several of yours have this id."),
    ] = None,
) -> Prompt:
    return await get_prompt(scope, prompt_id, application_id)


AskedPrompt = Annotated[Prompt, Depends(_prompt)]


def to_value(kind: type[Value], data: dict[str, Any], *, where: str = "body") -> Value:
    """Return the value that a body or query stands for; limits have their one home in values.

    Raises:
        RequestValidationError: a field breaks a limit; the answer names it as part of `where`.
    """
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        found = [
            {**one, "loc": (where, *one["loc"])}
            for one in error.errors(include_input=False, include_url=False, include_context=False)
        ]
        raise RequestValidationError(found) from None


def _to_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        msg = "lies outside of the years 1 to 9999 in UTC"
        raise ValueError(msg) from None


# A moment that a client writes with its offset, such as 2026-11-20T10:00:00Z.
AskedMoment = Annotated[AwareDatetime, AfterValidator(_to_utc)]

AskedKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=KEY_PATTERN,
        description="1 to 255 visible characters; the same one repeats a request safely.",
    ),
]
