"""Own the routes of invitations into an application."""

from urllib.parse import urlencode

from fastapi import APIRouter
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response

from core.accounts import invitations
from core.api.answers import answer
from core.api.dependencies import AskingScope, Running
from core.api.paging import AskedPage
from core.api.strict_route import UserRoute
from core.documents import Invitation
from core.runtime import Runtime
from core.values.ids import Id
from prompthub.wire import applications as wire
from prompthub.wire.base import Page

router = APIRouter(
    prefix="/applications/{application_id}/invitations",
    route_class=UserRoute,
    tags=["applications"],
)


@router.post("", status_code=201, response_model=wire.Invited)
async def invite(
    application_id: Id,
    body: wire.NewInvitation,
    request: Request,
    scope: AskingScope,
    runtime: Running,
) -> Response:
    """Make the account of an address a member, or a link by which the address can open one.

    The link lets exactly this address register, once and where registration is closed too.
    """
    accounts = runtime.settings.accounts
    invited = await invitations.invite(
        scope,
        application_id,
        body.email,
        body.role,
        days=accounts.invitation_days,
        limits=runtime.limits,
    )
    email, link = body.email, None
    if invited.user is not None:
        email = invited.user.email
    if invited.invitation is not None:
        email = invited.invitation.email
    if invited.token is not None:
        link = _link(request, runtime, invited.token)
    return answer(
        wire.Invited(
            email=email,
            role=body.role,
            user_id=str(invited.user.key) if invited.user else None,
            invitation=_show(invited.invitation) if invited.invitation else None,
            link=link,
        ),
        status=201,
        headers={"Location": f"/api/v1/applications/{application_id}/invitations"},
    )


def _link(request: Request, runtime: Runtime, token: SecretStr) -> str:
    """Return the address of the sign-in page as the one who asks reached the server."""
    asked = f"{request.url.scheme}://{request.url.netloc}"
    base = runtime.settings.server.public_url or asked
    return f"{base.rstrip('/')}/?{urlencode({'invitation': token.get_secret_value()})}"


@router.get("", response_model=Page[wire.Invitation])
async def list_invitations(application_id: Id, scope: AskingScope, asked: AskedPage) -> Response:
    """List the invitations that nobody has used yet, by address."""
    found = await invitations.list_invitations(scope, application_id)
    part = [_show(one) for one in found[asked.skip : asked.skip + asked.limit]]
    return answer(Page[wire.Invitation](**asked.part_of(part, len(found))))


@router.delete("/{invitation_id}", status_code=204)
async def revoke_invitation(application_id: Id, invitation_id: Id, scope: AskingScope) -> Response:
    """Take an invitation back: its link opens nothing any more."""
    await invitations.revoke_invitation(scope, application_id, invitation_id)
    return Response(status_code=204)


def _show(invitation: Invitation) -> wire.Invitation:
    return wire.Invitation(
        id=str(invitation.key),
        email=invitation.email,
        role=invitation.role,
        invited_by=invitation.invited_by,
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
    )
