"""What her pages of 核验授权 share: who asks, of which kind, and whether it may be authorized."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Blueprint, abort
from sqlalchemy.orm import Session

from registry.base.errors import RuleError
from registry.numbers import report, service, shape
from registry.numbers.service import Validity
from registry.numbers.shape import Issue, Kind
from registry.numbers.verification import authorize
from registry.numbers.verification import states as authorization
from registry.numbers.verification.authorize import AuthorizationRequest, Own
from registry.numbers.verification.states import AuthorizationState
from registry.record.confirmation.states import ConfirmationState
from registry.record.own_record import OwnRecord, own_record
from wxapp.core.browser_session import browser
from wxapp.core.resources import now
from wxapp.core.who import current_graduate

blueprint = Blueprint("authorizing", __name__, url_prefix="/g/authorization")


@dataclass(frozen=True)
class Position:
    """Where she stands with one kind, and what of it is not registered."""

    own: OwnRecord
    kind: Own
    at: datetime

    @property
    def last_day(self) -> date:
        """Return the last day of the service."""
        return service.last_day(Issue.VERIFICATION, self.own.graduate.graduation_month)

    @property
    def in_force(self) -> bool:
        """Say whether the authorization holds."""
        return self.kind.state is AuthorizationState.IN_FORCE

    @property
    def lacks_block(self) -> bool:
        """Say whether a report made now would be without the block it is for."""
        return report.lacks_own_block(self.own.values, self.kind.kind)

    @property
    def shown_without_block(self) -> bool:
        """Say whether the newest report was made before the block it is for was registered."""
        newest = self.kind.newest
        return newest is not None and report.lacks_own_block(newest.snapshot, self.kind.kind)

    @property
    def closed(self) -> str:
        """Return why nothing can be authorized now, "" where it can."""
        if service.today(self.at) > self.last_day:
            last = self.last_day
            return f"核验服务已于{last.year}年{last.month}月{last.day}日结束，不能再授权"
        return "" if self.own.state is ConfirmationState.CONFIRMED else "完成确认后可授权"

    def end_with(self, validity: Validity) -> date:
        """Return the last day of a validity chosen now; raise RuleError `service_over`."""
        return service.chosen_end(validity, self.own.graduate.graduation_month, self.at)

    def offers(self) -> list[tuple[Validity, date]]:
        """Return the validities worth choosing with their last days: each ends later than now's."""
        current_end = self.kind.ends_on if self.in_force else None
        found: dict[date, Validity] = {}
        for each in Validity:
            ends_on = self.end_with(each)
            if current_end is None or ends_on > current_end:
                found[ends_on] = each  # the end of the service goes before what it cuts short
        return [(validity, ends_on) for ends_on, validity in found.items()]


@blueprint.before_request
def _let_in() -> None:
    current_graduate()


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {
        "kind_titles": shape.KIND_TITLES,
        "state_titles": authorization.TITLES,
        "validity_titles": service.VALIDITY_TITLES,
    }


def kind_of(name: str) -> Kind:
    """Return the kind an address names; 404 for none."""
    if name not in set(Kind):
        abort(404)
    return Kind(name)


def asked() -> AuthorizationRequest:
    """Return who asks, from which browser session, when."""
    return AuthorizationRequest(current_graduate(), browser().token_hash, now())


def positions(session: Session) -> dict[Kind, Position]:
    """Return where she stands with both kinds."""
    graduate, at = current_graduate(), now()
    own = own_record(session, graduate)
    found = authorize.own(session, graduate.id, at)
    return {kind: Position(own, each, at) for kind, each in found.items()}


def chosen(value: str) -> Validity:
    """Return the validity she chose; raise RuleError `nothing_chosen`."""
    if value not in set(Validity):
        raise RuleError("nothing_chosen", "请先选择有效期。", "validity")
    return Validity(value)
