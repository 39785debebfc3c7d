"""Whatever happens in whatever order: states follow the tables, no good number shows old data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some
from sqlalchemy.orm import Session, sessionmaker

from registry.base.errors import RuleError
from registry.numbers import report
from registry.numbers.sealed_number import sealed_number
from registry.numbers.service import Validity
from registry.numbers.shape import Issue, Kind
from registry.numbers.states import NumberState
from registry.numbers.tables import Result
from registry.numbers.transfer import states as transfer
from registry.numbers.verification import authorize
from registry.numbers.verification import states as authorization
from registry.record.tables import Registration
from tests.clock import StandingClock
from tests.profiles import examples
from tests.registry.numbers.office import WORK, Case, a_case
from tests.registry.staff_context import VAULT

KINDS = some.sampled_from(list(Kind))
VALUES = {
    "unit_name": ["青禾科技有限公司", "青禾科技 有限公司", "另一家公司"],
    "unit_industry": ["65", "70"],
    "file_unit": ["青禾科技有限公司", "市人才中心"],
    "household_location": ["福建省福州市", "北京市"],
}
STEPS = some.one_of(
    some.tuples(
        some.just("change"), some.sampled_from([(k, v) for k, vs in VALUES.items() for v in vs])
    ),
    some.tuples(some.just("rename"), some.sampled_from(["欧阳·娜仁", "欧阳娜仁", "欧阳娜仁花"])),
    some.tuples(some.sampled_from(["generate", "extend", "revoke"]), KINDS),
    some.tuples(some.just("authorize"), some.tuples(KINDS, some.sampled_from(list(Validity)))),
    some.tuples(some.sampled_from(["confirm", "void"]), some.none()),
    some.tuples(some.just("wait"), some.sampled_from([1, 10, 40, 200])),
)


@dataclass
class Seen:
    """What was ever issued, by issue and kind, and which of it showed once that it was over."""

    numbers: dict[tuple[Issue, Kind], list[str]] = field(default_factory=dict)
    over: set[str] = field(default_factory=set)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=examples(40, thorough=400),
)
@given(steps=some.lists(STEPS, min_size=1, max_size=14))
@example(
    steps=[
        ("change", ("household_location", "北京市")),
        ("generate", Kind.FILE),
        ("change", ("unit_name", "青禾科技 有限公司")),
    ]
)
@example(steps=[("generate", Kind.FILE), ("rename", "欧阳 ·娜仁")])
def test_no_history_leaves_a_good_number_on_changed_data(
    sessions: sessionmaker[Session], clock: StandingClock, steps: list[tuple[str, object]]
) -> None:
    clock.set(datetime(2026, 7, 1, 2, tzinfo=UTC))
    with sessions() as session:
        case, seen = a_case(session, clock), Seen()
        case.report()
        for word, about in steps:
            before = {kind: (case.authorization(kind), case.transfer(kind)) for kind in Kind}
            _do(case, word, about)
            _moves_are_allowed(case, before)
            _numbers_are_true(case, seen)


def _do(case: Case, word: str, about: object) -> None:
    steps: dict[str, Callable[[object], object]] = {
        "change": lambda pair: _change(case, pair),
        "rename": lambda name: case.correct(name=str(name)),
        "generate": lambda kind: case.generate(Kind(str(kind))),
        "extend": lambda kind: authorize.extend(
            case.session, case.asked, Kind(str(kind)), Validity.SERVICE
        ),
        "revoke": lambda kind: authorize.revoke(case.session, case.asked, Kind(str(kind))),
        "authorize": lambda both: _authorize(case, both),
        "confirm": lambda _: case.confirm(),
        "void": lambda _: case.void(),
        "wait": lambda days: case.clock.move(timedelta(days=int(str(days)))),
    }
    try:
        steps[word](about)
    except RuleError:
        case.session.expire_all()  # refused: nothing was written


def _change(case: Case, pair: object) -> None:
    assert isinstance(pair, tuple)
    case.report(**{**WORK, pair[0]: pair[1]})


def _authorize(case: Case, both: object) -> None:
    assert isinstance(both, tuple)
    case.prove()
    case.authorize(*both)


def _moves_are_allowed(
    case: Case, before: dict[Kind, tuple[authorization.AuthorizationState, transfer.TransferState]]
) -> None:
    for kind, (authorized, sent) in before.items():
        now, then = case.authorization(kind), case.transfer(kind)
        assert now is authorized or now in _reachable(authorization.AUTHORIZATION.moves, authorized)
        assert then is sent or then in _reachable(transfer.TRANSFER.moves, sent)


def _reachable(moves: Mapping[tuple[Any, Any], Any], state: object) -> set[object]:
    return {target for (source, _), target in moves.items() if source is state}


def _numbers_are_true(case: Case, seen: Seen) -> None:
    registration = case.session.get(Registration, case.graduate.registration_id or 0)
    for issue in Issue:
        for kind in Kind:
            rows = case.rows(issue, kind)
            assert [row.sequence for row in rows] == list(range(1, len(rows) + 1))
            assert [row.newest for row in rows] == [False] * (len(rows) - 1) + [True] * bool(rows)
            numbers = [sealed_number(row).number(VAULT) for row in rows]
            assert numbers[: len(seen.numbers.get((issue, kind), []))] == seen.numbers.get(
                (issue, kind), []
            )
            seen.numbers[issue, kind] = numbers
            for row, number in zip(rows, numbers, strict=True):
                shown = case.look_up(number, kind).result is Result.SHOWN
                assert not (shown and number in seen.over)
                if not shown and (row.standing != NumberState.GOOD or not row.newest):
                    seen.over.add(number)
                if shown:
                    assert registration is not None
                    now = report.snapshot(case.school.name, case.graduate, registration, kind)
                    assert row.snapshot == now
    every = [number for numbers in seen.numbers.values() for number in numbers]
    assert len(every) == len(set(every))
