"""Own the routes of users, for superusers."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from core.accounts import password_changes, users
from core.accounts.users import UserChanges, UserQuery
from core.api.answers import answer
from core.api.dependencies import AskingScope, Running, to_value
from core.api.paging import AskedPage
from core.api.strict_route import UserRoute
from core.documents import User
from core.values.ids import Id
from prompthub.wire import users as wire
from prompthub.wire.base import Page

router = APIRouter(prefix="/users", route_class=UserRoute, tags=["users"])


@router.get("", response_model=Page[wire.User])
async def list_users(
    scope: AskingScope,
    asked: AskedPage,
    text: Annotated[str, Query(description="Occurs in the address or the name.")] = "",
) -> Response:
    """List all accounts by address."""
    query = to_value(UserQuery, {"text": text}, where="query")
    page = await users.list_users(scope, query, skip=asked.skip, limit=asked.limit)
    shown = [show_user(user) for user in page.items]
    return answer(Page[wire.User](**asked.part_of(shown, page.total)))


@router.get("/{user_id}", response_model=wire.User)
async def get_user(user_id: Id, scope: AskingScope) -> Response:
    """Show one account; people may see their own."""
    return answer(show_user(await users.get_user(scope, user_id)))


@router.put("/{user_id}", response_model=wire.User)
async def change_user(user_id: Id, body: wire.UserChanges, scope: AskingScope) -> Response:
    """Change an account; deactivation ends its sessions at once."""
    changes = to_value(UserChanges, body.model_dump(exclude_unset=True))
    return answer(show_user(await users.update_user(scope, user_id, changes)))


@router.post("/{user_id}/reset-password", status_code=204)
async def reset_password(
    user_id: Id, body: wire.PasswordReset, scope: AskingScope, runtime: Running
) -> Response:
    """Give an account another password and end its sessions."""
    await password_changes.reset_password(scope, user_id, body.new_password, hasher=runtime.hasher)
    return Response(status_code=204)


def show_user(user: User) -> wire.User:
    """Return the shape of a user."""
    return wire.User(
        id=str(user.key),
        email=user.email,
        full_name=user.full_name,
        is_active=user.is_active,
        is_superuser=user.is_superuser,
        created_at=user.created_at,
        updated_at=user.updated_at,
    )
