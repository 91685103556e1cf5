"""Own the credentials of a request: who asks, by access token or by API key."""

from dataclasses import dataclass, replace
from typing import cast

from bson import ObjectId
from starlette.requests import Request

from core.accounts.access import scope_of_key, scope_of_user
from core.accounts.sessions import find_token_user
from core.accounts.tokens import read_access_token
from core.documents import Application, User
from core.errors import NotAuthenticated
from core.runtime import Runtime
from core.values.scope import Scope


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a user with the session of the token, or an application."""

    scope: Scope
    user: User | None = None
    session_id: ObjectId | None = None
    application: Application | None = None


def runtime_of(request: Request) -> Runtime:
    """Return the runtime that the entry point put on the application."""
    return cast("Runtime", request.app.state.runtime)


async def authenticate(request: Request) -> Caller:
    """Return who asks.

    Raises:
        NotAuthenticated: there are no credentials, or they do not hold.
    """
    authorization = request.headers.get("authorization")
    if authorization is not None:
        return await _user(request, authorization)
    api_key = request.headers.get("x-api-key")
    if api_key is not None:
        return await _application(request, api_key)
    raise NotAuthenticated("Sign in, or send an API key as X-API-Key.")


async def _user(request: Request, authorization: str) -> Caller:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise NotAuthenticated("Send the access token as `Authorization: Bearer ...`.")
    claims = read_access_token(token.strip(), runtime_of(request).token_key)
    signed_in = await find_token_user(claims)
    if signed_in is None:
        raise NotAuthenticated("The session of this access token has ended; sign in again.")
    scope = await scope_of_user(signed_in.user, request_id=request.state.request_id)
    return Caller(scope, user=signed_in.user, session_id=signed_in.session.key)


async def _application(request: Request, api_key: str) -> Caller:
    scope, application = await scope_of_key(api_key)
    return Caller(replace(scope, request_id=request.state.request_id), application=application)
