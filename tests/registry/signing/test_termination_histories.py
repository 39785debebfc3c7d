"""Whatever happens in whatever order, terminations agree with a model of a few sentences.

One request at a time; who asked withdraws and escalates, the other answers; the agreement is over
if and only if a request is done; each step that she did not do herself is told of once.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryDirectory
from typing import ClassVar

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select
from typing_extensions import override

from notifier.campaigns import termination_deadlines
from notifier.ledger import notices
from notifier.ledger.tables import Message
from registry.accounts.tables import Role
from registry.base.database import open_engine, open_sessions
from registry.base.errors import RuleError
from registry.record import events
from registry.review.decisions import Decision
from registry.signing import terminating
from registry.signing.termination_sides import Side
from registry.signing.termination_states import LIVE, Party
from tests.databases import FindTemplate
from tests.profiles import examples
from tests.registry.signing.signwork import Signwork
from tests.registry.signing.termwork import BUSINESS, FAMILY, LETTER, sign
from tests.wxapp.school.records import open_campus

AT = datetime(2026, 6, 10, 2, tzinfo=UTC)
PARTIES = st.sampled_from(list(Party))
DECISIONS = st.sampled_from([Decision.PASS, Decision.RETURN])
REFUSALS = frozenset(
    {
        *("own_request", "not_own_request", "termination_moved", "answered_late", "not_signed"),
        *("termination_open", "escalated_late", "proof_missing", "too_many_requests"),
        "termination_asked",
    }
)


@dataclass
class Expected:
    """A request as the model has it."""

    key: str
    party: Party
    state: str
    answer_by: datetime
    since: datetime
    by_letter: bool
    proven: frozenset[Party]


class Terminations(RuleBasedStateMachine):
    """An agreement, both who signed it, their school, and the clock."""

    template: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.engine = open_engine(f"sqlite:///{shutil.copy(self.template, self.folder.name)}")
        sessions = open_sessions(self.engine)
        events.tell_before_commit(sessions, notices.write)
        self.session = sessions()
        self.newest: Expected | None = None
        self.asked = self.told = 0
        self.over = False

    @initialize()
    def begin(self) -> None:
        self.work = Signwork(open_campus(self.session, AT), AT)
        self.signed = sign(self.work, self.work.campus.graduate())
        self.work.staff(Role.SCHOOL)
        self.session.commit()

    @override
    def teardown(self) -> None:
        self.session.close()
        self.engine.dispose()
        self.folder.cleanup()

    def side(self, party: Party) -> Side:
        return self.signed.her if party is Party.GRADUATE else self.signed.employer

    def attempt(self, deed: Callable[[], object], *, expected: bool) -> None:
        """Do it and commit, or be refused by a rule, as the model says."""
        assert self.refusal_of(deed) in ({""} if expected else REFUSALS)

    def refusal_of(self, deed: Callable[[], object]) -> str:
        try:
            deed()
        except RuleError as refusal:
            self.session.rollback()
            return refusal.code
        self.session.commit()
        return ""

    def moved(self, state: str, by: Party | None) -> None:
        assert self.newest is not None
        self.newest.state, self.newest.since = state, self.work.at
        self.told += by is not Party.GRADUATE

    def live(self) -> Expected | None:
        return self.newest if self.newest and self.newest.state in LIVE else None

    @rule(party=PARTIES, letter=st.booleans())
    def ask(self, party: Party, *, letter: bool) -> None:
        by_letter = letter and party is Party.GRADUATE
        asked = LETTER if by_letter else FAMILY if party is Party.GRADUATE else BUSINESS
        live = self.live()
        again = live is not None and live.party is party
        meets = live is not None and not again
        if again and live is not None:
            may = by_letter is live.by_letter
        elif meets and live is not None:
            may = live.state != "agreed" and party is Party.EMPLOYER
        else:
            may = not self.over and self.asked < terminating.MOST_ASKED
        proof = self.signed.proof() if by_letter else None
        self.attempt(lambda: self.signed.ask(self.side(party), asked, proof), expected=may)
        if not may or again:
            return
        if meets:
            self.moved("agreed", party)
            return
        made = self.signed.terminations()[-1]
        proven = frozenset({party}) if by_letter else frozenset[Party]()
        state = "agreed" if by_letter else "asked"
        self.newest = Expected(
            made.key, party, state, made.answer_by, self.work.at, by_letter, proven
        )
        self.asked += 1
        self.told += party is not Party.GRADUATE

    @rule(party=PARTIES)
    def agree(self, party: Party) -> None:
        if (found := self.newest) is None:
            return
        others = found.party is not party
        may = others and found.state in {"asked", "escalated", "agreed"}
        self.attempt(
            lambda: terminating.agree(self.session, self.side(party), found.key), expected=may
        )
        if may and found.state != "agreed":
            self.moved("agreed", party)

    @rule(party=PARTIES)
    def refuse(self, party: Party) -> None:
        if (found := self.newest) is None:
            return
        in_time = found.state == "asked" and self.work.at < found.answer_by
        may = found.party is not party and (in_time or found.state == "refused")
        self.attempt(
            lambda: terminating.refuse(self.session, self.side(party), found.key, "不同意"),
            expected=may,
        )
        if may and found.state != "refused":
            self.moved("refused", party)

    @rule(party=PARTIES)
    def withdraw(self, party: Party) -> None:
        if (found := self.newest) is None:
            return
        may = found.party is party and found.state in {*LIVE, "withdrawn"}
        self.attempt(
            lambda: terminating.withdraw(self.session, self.side(party), found.key), expected=may
        )
        if may and found.state != "withdrawn":
            self.moved("withdrawn", party)

    @rule(party=PARTIES, proven=st.booleans())
    def escalate(self, party: Party, *, proven: bool) -> None:
        if (found := self.newest) is None:
            return
        recent = self.work.at < found.since + terminating.ESCALATE_WITHIN
        shown = proven or party in found.proven
        may = found.party is party and found.state == "refused" and recent and shown
        proof = self.signed.proof() if proven else None
        self.attempt(
            lambda: terminating.escalate(self.session, self.side(party), found.key, "理由", proof),
            expected=may,
        )
        if may:
            found.proven |= {party}
            self.moved("escalated", party)

    @rule(decision=DECISIONS)
    def decide(self, decision: Decision) -> None:
        if (found := self.newest) is None:
            return
        due = found.state in {"agreed", "escalated"}
        may = due and (decision is Decision.RETURN or found.state == "agreed" or bool(found.proven))
        made = self.signed.terminations()[-1]
        self.attempt(lambda: self.signed.decide(made, decision, "已核实"), expected=may)
        if may:
            self.moved("done" if decision is Decision.PASS else "declined", None)
            self.over = decision is Decision.PASS

    @rule(days=st.sampled_from([1, 8, 15, 31]))
    def wait(self, days: int) -> None:
        self.work.at += timedelta(days=days)
        termination_deadlines.escalate(self.session, self.work.at)
        self.session.commit()
        if self.newest and self.newest.state == "asked" and self.newest.answer_by <= self.work.at:
            self.moved("escalated", None)

    @invariant()
    def the_model_holds(self) -> None:
        found = self.signed.terminations()
        assert len(found) == self.asked
        assert len([each for each in found if each.state in LIVE]) <= 1
        if self.newest is not None:
            assert (found[-1].key, found[-1].state) == (self.newest.key, self.newest.state)
            assert (found[-1].closed_at is None) == (self.newest.state in LIVE)

    @invariant()
    def the_agreement_and_its_destination_end_together(self) -> None:
        assert self.signed.agreement_now().state == ("terminated" if self.over else "signed")
        assert (self.signed.graduate_now().registration_id is None) == self.over

    @invariant()
    def each_is_told_once_and_none_forgotten(self) -> None:
        keys = self.session.scalars(select(Message.business_key)).all()
        assert len([each for each in keys if each.startswith("termination:")]) == self.told


@pytest.fixture(scope="module", autouse=True)
def template(database_templates: FindTemplate) -> None:
    """Have each history begin with a copy of the migrated database."""
    Terminations.template = str(database_templates("sqlite").database)


TestTerminations = Terminations.TestCase
TestTerminations.settings = settings(
    max_examples=examples(10, thorough=100), stateful_step_count=25
)
