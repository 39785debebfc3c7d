"""A party's door to terminations (解约): one way to read the forms, and to show what is refused."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from registry.base.errors import NotFound, RuleError
from registry.base.written_reason import REASON_LENGTH
from registry.signing import terminating, termination_documents, termination_states
from registry.signing.terminating import TerminationRequest
from registry.signing.termination_sides import Side, agreement_of, live_of
from registry.signing.termination_states import Settlement, TerminationWay
from registry.signing.termination_tables import Termination
from wxapp.core import proofs, uploads
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of

WORDS = {
    "reason_titles": termination_states.REASON_TITLES,
    "settlement_titles": termination_states.SETTLEMENT_TITLES,
    "way_titles": termination_states.WAY_TITLES,
    "longest": REASON_LENGTH,
    "most": termination_documents.MOST_FILES,
    "days": terminating.ANSWER_DAYS,
}
"""What the pages of both doors say."""

Show = Callable[[str, RuleError], str]
"""Shows a page of the request with a key, with what was refused."""


def reason() -> str:
    """Return the reason that was typed."""
    return uploads.typed().get("reason", "")


def _asked(given: MultiDict[str, str]) -> TerminationRequest:
    """Return what the form asks, as it was typed."""
    return TerminationRequest(
        way=given.get("way", TerminationWay.CONSENT),
        reason=given.get("reason", ""),
        text=given.get("text", ""),
        breach=given.get("breach", ""),
        settlement=_settlement(given),
    )


def _settlement(given: MultiDict[str, str]) -> str:
    return given.get("settlement", Settlement.NONE)


@dataclass(frozen=True)
class TerminationDoor:
    """What a party does about terminations, and its own pages."""

    side: Callable[[], Side]
    page: str
    """The endpoint of a request's page."""
    form: Callable[[str, TerminationRequest, RuleError | None], str]
    """Shows the form to ask about what the invitation with a key became."""
    filled: Callable[[], MultiDict[str, str]] = uploads.typed
    """What stands in a form of this party."""

    def show_form(self, invitation: str) -> ResponseReturnValue:
        """Show the form to ask; where a request is under way, that request."""
        with reading() as session:
            live = live_of(session, agreement_of(session, self.side(), invitation).id)
        return self._shown(live.key) if live else self.form(invitation, _asked(self.filled()), None)

    def ask(self, invitation: str) -> ResponseReturnValue:
        """Ask to end the agreement; the same sent twice is one request."""
        try:
            proof = proofs.read_proof()
            asked = _asked(uploads.typed())
            with writing() as session:
                key = terminating.ask(session, self.side(), invitation, asked, proof).key
        except NotFound:
            raise
        except RuleError as refusal:
            return self.form(invitation, _asked(uploads.typed()), refusal), status_of(refusal)
        return self._shown(key)

    def agree(self, key: str, show: Show) -> ResponseReturnValue:
        """Agree to what the other asks; a second press changes nothing."""
        said = _settlement(uploads.typed())
        return self._done(
            key, show, lambda session: terminating.agree(session, self.side(), key, said)
        )

    def refuse(self, key: str, show: Show) -> ResponseReturnValue:
        """Refuse what the other asks; a second press changes nothing."""
        why = reason()
        return self._done(
            key, show, lambda session: terminating.refuse(session, self.side(), key, why)
        )

    def withdraw(self, key: str, show: Show) -> ResponseReturnValue:
        """Take a request back; a second press changes nothing."""
        return self._done(
            key, show, lambda session: terminating.withdraw(session, self.side(), key)
        )

    def escalate(self, key: str, show: Show) -> ResponseReturnValue:
        """Bring a refusal before the school."""
        try:
            proof = proofs.read_proof()
        except RuleError as refusal:
            return show(key, refusal), status_of(refusal)
        why = reason()
        return self._done(
            key, show, lambda session: terminating.escalate(session, self.side(), key, why, proof)
        )

    def add_proof(self, key: str, show: Show) -> ResponseReturnValue:
        """Add a document to a request that is under way; sent twice it is kept once."""
        try:
            proof = proofs.read_chosen()
        except RuleError as refusal:
            return show(key, refusal), status_of(refusal)
        return self._done(
            key, show, lambda session: terminating.add_proof(session, self.side(), key, proof)
        )

    def _done(
        self, key: str, show: Show, deed: Callable[[Session], Termination]
    ) -> ResponseReturnValue:
        """Do it and show the request; what is refused shows a page with the sentence."""
        try:
            with writing() as session:
                deed(session)
        except NotFound:
            raise
        except RuleError as refusal:
            return show(key, refusal), status_of(refusal)
        return self._shown(key)

    def _shown(self, key: str) -> ResponseReturnValue:
        return redirect(url_for(self.page, key=key), 303)
