"""Own the routes of applications, their keys and members."""

from dataclasses import replace

from bson import ObjectId
from fastapi import APIRouter
from starlette.responses import Response

from core.accounts import applications, members
from core.accounts.applications import ApplicationChanges, Created, NewApplication
from core.accounts.members import Membership
from core.api.answers import answer
from core.api.dependencies import AskingScope, to_value
from core.api.paging import AskedPage
from core.api.strict_route import UserRoute
from core.documents import Application
from core.errors import NotFound
from core.execution.budget import get_budget_state
from core.values.ids import Id
from core.values.scope import Scope
from prompthub.wire import applications as wire
from prompthub.wire.base import Page

router = APIRouter(prefix="/applications", route_class=UserRoute, tags=["applications"])


@router.post("", status_code=201, response_model=wire.ApplicationWithKey)
async def create_application(body: wire.NewApplication, scope: AskingScope) -> Response:
    """Create an application; its key is in this answer and never shown again."""
    new = to_value(NewApplication, body.model_dump())
    created = await applications.create_application(scope, new)
    # The scope was made before the application.
    owning = replace(scope, roles={created.application.key: "admin"})
    shown = _show_with_key(owning, created)
    location = f"/api/v1/applications/{created.application.key}"
    return answer(shown, status=201, headers={"Location": location})


@router.get("", response_model=Page[wire.Application])
async def list_applications(
    scope: AskingScope, asked: AskedPage, *, active_only: bool = False
) -> Response:
    """List the applications that the caller may see, by name."""
    found = await applications.list_applications(scope, active_only=active_only)
    part = found[asked.skip : asked.skip + asked.limit]
    shown = [_show(scope, application) for application in part]
    return answer(Page[wire.Application](**asked.part_of(shown, len(found))))


@router.get("/{application_id}", response_model=wire.Application)
async def get_application(application_id: Id, scope: AskingScope) -> Response:
    """Show one application."""
    return answer(_show(scope, await applications.get_application(scope, application_id)))


@router.put("/{application_id}", response_model=wire.Application)
async def change_application(
    application_id: Id, body: wire.ApplicationChanges, scope: AskingScope
) -> Response:
    """Change an application; what is absent stays."""
    changes = to_value(ApplicationChanges, body.model_dump(exclude_unset=True))
    after = await applications.update_application(scope, application_id, changes)
    return answer(_show(scope, after))


@router.delete("/{application_id}", status_code=204)
async def deactivate_application(application_id: Id, scope: AskingScope) -> Response:
    """Take an application out of service: its key is refused at once, its data stays."""
    await applications.deactivate_application(scope, application_id)
    return Response(status_code=204)


@router.post("/{application_id}/restore", response_model=wire.Application)
async def restore_application(application_id: Id, scope: AskingScope) -> Response:
    """Put an application back into service."""
    return answer(_show(scope, await applications.restore_application(scope, application_id)))


@router.post("/{application_id}/regenerate-key", response_model=wire.ApplicationWithKey)
async def regenerate_key(application_id: Id, scope: AskingScope) -> Response:
    """Replace the key; the old one is refused at once, the new one is shown in this answer only."""
    created = await applications.regenerate_key(scope, application_id)
    return answer(_show_with_key(scope, created))


@router.get("/{application_id}/budget", response_model=wire.BudgetState)
async def get_budget(application_id: Id, scope: AskingScope) -> Response:
    """Show how much of its budget the application has used this month; for its admins."""
    state = await get_budget_state(scope, application_id)
    return answer(wire.BudgetState(**state._asdict()))


@router.get("/{application_id}/members", response_model=Page[wire.Member])
async def list_members(application_id: Id, scope: AskingScope, asked: AskedPage) -> Response:
    """List the owner and the members by address."""
    found = await members.list_members(scope, application_id)
    part = [_show_member(one) for one in found[asked.skip : asked.skip + asked.limit]]
    return answer(Page[wire.Member](**asked.part_of(part, len(found))))


@router.put("/{application_id}/members/{user_id}", status_code=204)
async def set_member(
    application_id: Id, user_id: Id, body: wire.MemberRole, scope: AskingScope
) -> Response:
    """Give a user a role in the application, in place of an earlier one."""
    await members.set_member(scope, application_id, user_id, body.role)
    return Response(status_code=204)


@router.delete("/{application_id}/members/{user_id}", status_code=204)
async def remove_member(application_id: Id, user_id: Id, scope: AskingScope) -> Response:
    """Take a user's role in the application away."""
    await members.remove_member(scope, application_id, user_id)
    return Response(status_code=204)


@router.post("/{application_id}/transfer", response_model=wire.Application)
async def transfer_application(
    application_id: Id, body: wire.NewOwner, scope: AskingScope
) -> Response:
    """Make a member the owner; the old owner stays as an admin. For the owner and superusers."""
    after = await members.transfer_application(scope, application_id, ObjectId(body.user_id))
    return answer(_show(scope, after))


def _show(scope: Scope, application: Application) -> wire.Application:
    role = scope.role_in(application.key)
    if role is None:
        raise NotFound("application", str(application.key))
    return wire.Application(
        id=str(application.key),
        name=application.name,
        description=application.description,
        owner_id=str(application.owner_id),
        role=role,
        api_key_prefix=application.api_key_prefix,
        api_key_last_used_at=application.api_key_last_used_at,
        is_active=application.is_active,
        allowed_models=application.allowed_models,
        limits=wire.Limits(**application.limits.model_dump()),
        log_content=application.log_content,
        retention_days=application.retention_days,
        time_zone=application.time_zone,
        created_at=application.created_at,
        updated_at=application.updated_at,
    )


def _show_with_key(scope: Scope, created: Created) -> wire.ApplicationWithKey:
    return wire.ApplicationWithKey(
        **_show(scope, created.application).model_dump(),
        api_key=created.api_key.get_secret_value(),
    )


def _show_member(membership: Membership) -> wire.Member:
    return wire.Member(
        user_id=str(membership.user.key),
        email=membership.user.email,
        full_name=membership.user.full_name,
        role=membership.role,
    )
