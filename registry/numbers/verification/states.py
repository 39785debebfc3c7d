"""The life of a verification authorization (核验授权): states, events, which may follow which.

Source: the operating guide for schools, 2.1. What the guide calls 未确认 is 未授权 here, so that it
is not taken for the confirmation's. One life for each kind (file, household).
"""

from datetime import date
from enum import StrEnum

from registry.base.state_table import StateTable
from registry.numbers.states import NumberState


class AuthorizationState(StrEnum):
    """Whether a graduate may be verified."""

    NOT_AUTHORIZED = "not_authorized"
    IN_FORCE = "in_force"
    EXPIRED = "expired"


class AuthorizationEvent(StrEnum):
    """What can happen to an authorization."""

    AUTHORIZE = "authorize"
    EXTEND = "extend"
    REVOKE = "revoke"
    CHANGE = "change"
    """An important field of its kind changed."""
    RUN_OUT = "run_out"


TITLES = {
    AuthorizationState.NOT_AUTHORIZED: "未授权",
    AuthorizationState.IN_FORCE: "生效中",
    AuthorizationState.EXPIRED: "已过期",
}

AUTHORIZATION = StateTable(
    moves={
        (
            AuthorizationState.NOT_AUTHORIZED,
            AuthorizationEvent.AUTHORIZE,
        ): AuthorizationState.IN_FORCE,
        (AuthorizationState.IN_FORCE, AuthorizationEvent.EXTEND): AuthorizationState.IN_FORCE,
        (AuthorizationState.IN_FORCE, AuthorizationEvent.REVOKE): AuthorizationState.NOT_AUTHORIZED,
        (AuthorizationState.IN_FORCE, AuthorizationEvent.CHANGE): AuthorizationState.NOT_AUTHORIZED,
        (AuthorizationState.IN_FORCE, AuthorizationEvent.RUN_OUT): AuthorizationState.EXPIRED,
        (AuthorizationState.EXPIRED, AuthorizationEvent.AUTHORIZE): AuthorizationState.IN_FORCE,
        (AuthorizationState.EXPIRED, AuthorizationEvent.CHANGE): AuthorizationState.NOT_AUTHORIZED,
    },
    starts={AuthorizationState.NOT_AUTHORIZED},
)
"""No column holds this state: it follows from the newest number's own state and its last day."""


def state_of(number: NumberState | None, ends_on: date | None, today: date) -> AuthorizationState:
    """Return the state by the newest number of the graduate and kind, if there is one."""
    if number is not NumberState.GOOD or ends_on is None:
        return AuthorizationState.NOT_AUTHORIZED
    return AuthorizationState.IN_FORCE if today <= ends_on else AuthorizationState.EXPIRED
