"""The cookie by which a browser of staff is known again; it signs nobody in."""

from flask import Response, after_this_request, request
from sqlalchemy.orm import Session

from registry.accounts import devices
from registry.accounts.devices import Device
from registry.accounts.tables import Staff
from wxapp.core.devices import device_of
from wxapp.core.resources import now, resources


def asking_device() -> Device:
    """Return the browser that is asking."""
    token = request.cookies.get(_cookie_name())
    return Device(token, request.remote_addr or "", device_of(request.user_agent.string))


def remember(session: Session, staff: Staff) -> bool:
    """Know this browser as one of theirs from now on; say whether it was not before.

    For who has given all that a sign-in asks.
    """
    asking = asking_device()
    token = devices.fit_token(session, asking.token)
    device = Device(token, asking.address, asking.summary)
    is_new = devices.remember(session, resources().vault, staff.id, device, now())

    @after_this_request
    def _give(response: Response) -> Response:
        response.set_cookie(
            _cookie_name(),
            token,
            max_age=devices.LIFETIME,
            path="/",
            secure=_is_secure(),
            httponly=True,
            samesite="Lax",
        )
        return response

    return is_new


def _is_secure() -> bool:
    return resources().settings.public_url.startswith("https://")


def _cookie_name() -> str:
    return "__Host-quxiang-device" if _is_secure() else "quxiang-device"
