"""What her pages of 核验授权 share: who asks, of which kind, and whether it may be authorized."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Blueprint, abort
from sqlalchemy.orm import Session

from registry.base.errors import RuleError
from registry.numbers import report, service, shape
from registry.numbers.service import Validity
from registry.numbers.shape import Issue, Kind
from registry.numbers.verification import authentication, authorize
from registry.numbers.verification import states as authorization
from registry.numbers.verification.authorize import AuthorizationRequest, Own
from registry.numbers.verification.states import AuthorizationState
from registry.record.confirmation.states import ConfirmationState
from registry.record.own_record import OwnRecord, own_record
from wxapp.core.browser_session import browser
from wxapp.core.db import reading, writing
from wxapp.core.resources import now, resources
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

    @property
    def may_be_authorized(self) -> bool:
        """Say whether it can be authorized now."""
        return not self.in_force and not self.closed

    @property
    def extension(self) -> tuple[Validity, date] | None:
        """Return the usual validity that ends later than now's, or the next longer; else None."""
        offered = self.offers() if self.in_force else []
        return next((each for each in offered if each[0] is not Validity.WEEK), None)


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


@dataclass(frozen=True)
class Choice:
    """Which reports she lets be verified, and for how long."""

    kinds: tuple[Kind, ...]
    validity: Validity

    @classmethod
    def of(cls, kinds: Sequence[str], validity: str) -> "Choice":
        """Read what she chose; raise RuleError `nothing_chosen`."""
        named = tuple(kind for kind in Kind if kind in kinds)
        if not named:
            raise RuleError("nothing_chosen", "请先选择要授权的报告。", "kinds")
        return cls(named, chosen(validity))

    def keep(self) -> None:
        """Keep it in this browser session until she has proven that it is she."""
        browser()[_CHOICE] = [current_graduate().key, list(self.kinds), self.validity]


_CHOICE = "authorizing"


def kept_choice() -> Choice | None:
    """Return what she chose for this record in this browser session and has not authorized yet."""
    record, kinds, validity = browser().get(_CHOICE, ("", (), ""))
    return Choice.of(kinds, validity) if record == current_graduate().key else None


def forget_choice() -> None:
    """Forget what she chose: it was done."""
    browser().pop(_CHOICE, None)


def is_proven() -> bool:
    """Say whether a proof that it is she holds now in this browser session."""
    who = asked()
    with reading() as session:
        proof = authentication.fresh(session, who.graduate.id, who.session_hash, who.at)
    return proof is not None


def give(choice: Choice) -> None:
    """Authorize what she chose, all of it or nothing; what is in force already stays as it is.

    Raises RuleError as `registry.numbers.verification.authorize.authorize` does.
    """
    with writing() as session:
        found = positions(session)
        for kind in choice.kinds:
            if not found[kind].in_force:
                authorize.authorize(session, resources().vault, asked(), kind, choice.validity)
    forget_choice()


def chosen(value: str) -> Validity:
    """Return the validity she chose; raise RuleError `nothing_chosen`."""
    if value not in set(Validity):
        raise RuleError("nothing_chosen", "请先选择有效期。", "validity")
    return Validity(value)
