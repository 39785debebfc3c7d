"""A registration goes from the graduate's form through its reviews into the record."""

import json

from registry.confirmation import State as Confirmation
from registry.people import Role
from registry.review import State
from registry.review_decisions import Outcome
from registry.tables import Graduate
from tests.registry.review.casework import Casework


def test_what_both_levels_passed_is_reported_as_a_version(
    work: Casework, graduate: Graduate
) -> None:
    sent = work.submit(graduate)
    assert work.decide(Role.DEPARTMENT, sent) == [Outcome.PASSED]
    assert sent.state == State.DEPARTMENT_PASSED
    assert work.versions(graduate) == []
    assert work.decide(Role.SCHOOL, sent) == [Outcome.PASSED]
    (version,) = work.versions(graduate)
    assert (version.unit_name, version.unit_location) == (
        "青岛海纳软件有限公司",
        "山东省青岛市市南区",
    )
    assert graduate.registration_id == version.id == sent.registration_id
    assert graduate.confirmation == Confirmation.UNCONFIRMED


def test_each_decision_is_told_once(work: Casework, graduate: Graduate) -> None:
    work.register(graduate)
    said = [json.loads(each.facts) for each in work.messages()]
    assert [each["item"] for each in said] == [
        "毕业去向登记（院系审核）",
        "毕业去向登记（学校审核）",
    ]
    assert [each["reason"] for each in said] == [
        "已通过，等待下一级审核",
        "已上报，请核对并确认登记去向",
    ]
    assert work.messages("registration_changed") == []
