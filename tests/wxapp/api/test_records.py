"""Records pushed by a province's system: taken in by version, row by row, or not at all."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from notifier.ledger.tables import Message
from registry.accounts.school_tables import School
from registry.interface.tables import SourceRecord
from registry.record.confirmation.confirm import Reply, answer
from registry.record.province_tables import ProvinceBatch, ProvinceEntry
from registry.record.tables import Answer, Graduate, Registration
from tests.wxapp.api.provincial_system import (
    PROVINCE,
    SYSTEM,
    ProvincialSystem,
    record_of,
    synced_graduate,
)
from tests.wxapp.site import Site


def in_force(site: Site, graduate: Graduate) -> Registration | None:
    wanted = (
        select(Registration)
        .join(Graduate, Graduate.registration_id == Registration.id)
        .where(Graduate.id == graduate.id)
    )
    return site.read(lambda session: session.scalar(wanted))


def messages(site: Site) -> int:
    wanted = select(func.count()).select_from(Message)
    return site.read(lambda session: session.scalar(wanted)) or 0


def kept(site: Site, graduate: Graduate) -> SourceRecord:
    wanted = select(SourceRecord).where(SourceRecord.graduate_id == graduate.id)
    return site.read(lambda session: session.scalars(wanted).one())


def confirm(site: Site, graduate: Graduate) -> None:
    """Have her confirm what is in force."""
    found = in_force(site, graduate)
    assert found is not None
    reply = Reply(Answer.CORRECT, found.id)
    with site.resources.sessions.begin() as session:
        answer(session, graduate.id, reply, channel="wechat", at=site.clock())


def void_of(graduate: Graduate, version: int) -> dict[str, object]:
    return {"source_id": f"37-2026-{graduate.id:04}", "version": version, "void": True}


def add_school(session: Session, code: str, province: str, system: str | None) -> None:
    about = {"name": f"测试大学{code}", "created_at": datetime(2026, 6, 1, tzinfo=UTC)}
    session.add(School(code=code, province=province, correction_system=system, **about))


def lock_by_province(site: Site, graduate: Graduate) -> None:
    """Have the province's office file what stands of her."""
    with site.resources.sessions.begin() as session:
        at, found = site.clock(), session.get_one(Graduate, graduate.id)
        about = {"state": "filed", "total": 1, "counts": {}, "left_out": {}, "sent_at": at}
        who = {"sent_by": "staff:x", "sent_by_name": "王老师"}
        batch = ProvinceBatch(school_id=found.school_id, year=found.year, **about, **who)
        session.add(batch)
        session.flush()
        session.add(
            ProvinceEntry(
                batch_id=batch.id,
                graduate_id=found.id,
                registration_id=found.registration_id,
                standing=True,
                locked=True,
            )
        )


def test_a_record_is_in_force_and_the_graduate_is_asked_to_confirm(
    site: Site, system: ProvincialSystem, graduate: Graduate
) -> None:
    told = system.push(record_of(graduate))
    assert told["counts"]["created"] == 1, told
    assert told["results"][0]["warnings"] == []
    found = in_force(site, graduate)
    assert found is not None
    assert (found.unit_name, found.source, found.source_name) == (
        "青岛海纳软件有限公司",
        "province_interface",
        SYSTEM,
    )
    assert found.reported_at.isoformat() == "2026-06-03T02:11:12+00:00"
    assert site.state_of(graduate) == "unconfirmed"
    assert messages(site) == 1


def test_what_did_not_change_resets_nothing_and_tells_nobody(
    site: Site, system: ProvincialSystem, graduate: Graduate
) -> None:
    system.push(record_of(graduate))
    confirm(site, graduate)
    told = messages(site)
    assert system.outcomes(record_of(graduate), record_of(graduate, 2)) == ["unchanged"] * 2
    assert site.state_of(graduate) == "confirmed"
    assert messages(site) == told
    assert kept(site, graduate).version == 2


def test_what_changed_resets_her_answer_and_tells_her(
    site: Site, system: ProvincialSystem, graduate: Graduate
) -> None:
    system.push(record_of(graduate))
    confirm(site, graduate)
    told = messages(site)
    assert system.outcomes(record_of(graduate, 2, dwmc="青岛云岭软件有限公司")) == ["updated"]
    assert site.state_of(graduate) == "unconfirmed"
    assert messages(site) == told + 1


def test_what_is_left_out_is_emptied(
    site: Site, system: ProvincialSystem, graduate: Graduate
) -> None:
    system.push(record_of(graduate))
    shorter = {k: v for k, v in record_of(graduate, 2).items() if not k.startswith("daz")}
    assert system.outcomes(shorter) == ["updated"]
    found = in_force(site, graduate)
    assert found is not None
    assert (found.file_unit, found.file_location_code, found.unit_name) == (
        "",
        "",
        "青岛海纳软件有限公司",
    )


def test_a_late_version_is_stale_and_a_doubled_one_unchanged(
    site: Site, system: ProvincialSystem, graduate: Graduate
) -> None:
    newer, older = record_of(graduate, 5), record_of(graduate, 4, dwmc="青岛云岭软件有限公司")
    assert system.outcomes(newer, older, newer) == ["created", "stale", "unchanged"]
    assert system.push(older)["results"][0]["version"] == 5


def test_other_content_under_the_same_version_is_a_conflict(
    site: Site, system: ProvincialSystem, graduate: Graduate
) -> None:
    other = record_of(graduate, 1, dwmc="青岛云岭软件有限公司")
    assert system.outcomes(record_of(graduate), other) == ["created", "version_conflict"]
    found = in_force(site, graduate)
    assert found is not None
    assert found.unit_name == "青岛海纳软件有限公司"


def test_a_void_record_puts_the_destination_out_of_force_and_tells_her(
    site: Site, system: ProvincialSystem, graduate: Graduate
) -> None:
    system.push(record_of(graduate))
    told = messages(site)
    assert system.outcomes(void_of(graduate, 2)) == ["updated"]
    assert site.state_of(graduate) == "not_reported"
    assert messages(site) == told + 1


def test_a_void_one_is_not_brought_back_by_a_late_older_version(
    site: Site, system: ProvincialSystem, graduate: Graduate
) -> None:
    assert system.outcomes(void_of(graduate, 2)) == ["created"]
    assert system.outcomes(record_of(graduate, 1)) == ["stale"]
    assert site.state_of(graduate) == "not_reported"


def test_a_higher_version_revives_a_void_one(
    site: Site, system: ProvincialSystem, graduate: Graduate
) -> None:
    steps = [record_of(graduate), void_of(graduate, 2), record_of(graduate, 3)]
    assert system.outcomes(*steps) == ["created", "updated", "updated"]
    assert site.state_of(graduate) == "unconfirmed"


def test_bad_rows_are_refused_one_by_one_with_pointer_code_and_sentence(
    site: Site, system: ProvincialSystem, graduate: Graduate
) -> None:
    bad = {"source_id": "x", "version": "1", "xh": "1", "陌生": 1}
    unknown = record_of(graduate, byqxdm="98", dwzzjgdm="91350100M000100Y44")
    told = system.push(bad, record_of(graduate), {**unknown, "source_id": "y"})
    assert told["counts"] | {"created": 1, "rejected": 2} == told["counts"]
    first, _, last = told["results"]
    assert {each["pointer"] for each in first["errors"]} == {
        "#/records/0/version",
        "#/records/0/yxdm",
        "#/records/0/byjc",
        "#/records/0/xm",
        "#/records/0/陌生",
    }
    assert {(each["pointer"], each["code"]) for each in last["errors"]} == {
        ("#/records/2/byqxdm", "code_unknown"),
        ("#/records/2/dwzzjgdm", "credit_code_check"),
    }
    assert all(each["detail"].endswith("。") for each in last["errors"])


def test_another_provinces_school_and_none_at_all_look_alike(
    site: Site, system: ProvincialSystem, graduate: Graduate
) -> None:
    with site.resources.sessions.begin() as session:
        add_school(session, "10001", "110000", SYSTEM)
    foreign = record_of(graduate, yxdm="10001")
    nobodys = record_of(graduate, yxdm="99999")
    first, second = system.push(foreign, nobodys)["results"]
    assert first["errors"][0]["code"] == second["errors"][0]["code"] == "school_not_yours"
    assert first["errors"][0]["detail"] == second["errors"][0]["detail"]


def test_a_school_whose_graduates_register_here_is_refused_in_words(
    site: Site, system: ProvincialSystem, graduate: Graduate
) -> None:
    with site.resources.sessions.begin() as session:
        add_school(session, "10002", PROVINCE, None)
    told = system.push(record_of(graduate, yxdm="10002"))["results"][0]
    assert told["errors"][0]["code"] == "registers_here"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"ksh": "26370000000000"}, "graduate_unknown"),
        ({"byjc": "2025"}, "graduate_unknown"),
        ({"xm": "王芳"}, "name_disagrees"),
        ({"xh": "1"}, "number_disagrees"),
        ({"ksh": ""}, "number_missing"),
        ({"sbsj": "2026-06-10T11:00:00+08:00"}, "reported_in_future"),
        ({"sbsj": "2026-02-31T11:00:00+08:00"}, "moment_unreadable"),
        ({"byqxdm": ""}, "category_missing"),
    ],
)
def test_persons_come_by_roster_alone_and_are_named_exactly(
    site: Site, system: ProvincialSystem, graduate: Graduate, said: dict[str, Any], code: str
) -> None:
    told = system.push(record_of(graduate, **said))["results"][0]
    assert [each["code"] for each in told["errors"]] == [code]
    assert in_force(site, graduate) is None


def test_one_record_speaks_for_a_graduate_until_it_is_void(
    site: Site, system: ProvincialSystem, graduate: Graduate
) -> None:
    other = record_of(graduate, 1, source_id="another", dwmc="青岛云岭软件有限公司")
    assert system.outcomes(record_of(graduate), other) == ["created", "rejected"]
    assert system.outcomes(void_of(graduate, 2), other) == ["updated", "created"]
    assert system.outcomes(record_of(graduate, 3)) == ["rejected"]


def test_a_source_id_never_becomes_another_graduates(
    site: Site, system: ProvincialSystem, graduate: Graduate
) -> None:
    other = synced_graduate(site)
    system.push(record_of(graduate))
    told = system.push(record_of(other, 2, source_id=f"37-2026-{graduate.id:04}"))["results"][0]
    assert told["errors"][0]["code"] == "graduate_differs"


def test_a_dry_run_says_the_same_and_changes_nothing(
    site: Site, system: ProvincialSystem, graduate: Graduate
) -> None:
    tried = system.push(record_of(graduate), void_of(graduate, 2), dry_run=True)
    assert in_force(site, graduate) is None
    assert messages(site) == 0
    assert site.read(lambda session: session.scalar(select(func.count(SourceRecord.id)))) == 0
    done = system.push(record_of(graduate), void_of(graduate, 2))
    assert tried["results"] == done["results"]
    assert tried["counts"] == done["counts"]


def test_nothing_of_rejected_rows_is_kept(
    site: Site, system: ProvincialSystem, graduate: Graduate
) -> None:
    system.push(record_of(graduate), record_of(graduate, source_id="another"))
    names = site.read(lambda session: session.scalars(select(SourceRecord.source_id)).all())
    assert names == [f"37-2026-{graduate.id:04}"]


def test_a_single_record_is_answered_by_its_status(
    site: Site, system: ProvincialSystem, graduate: Graduate
) -> None:
    said = record_of(graduate)
    path = f"/records/{said['source_id']}"
    assert system.call("PUT", path, said).status_code == 201
    assert system.call("PUT", path, said).status_code == 200
    conflict = system.call("PUT", path, {**said, "dwmc": "青岛云岭软件有限公司"})
    assert (conflict.status_code, conflict.get_json()["code"]) == (409, "version_conflict")
    refused = system.call("PUT", path, {**said, "version": 2, "byqxdm": "98"})
    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["pointer"] == "#/byqxdm"
    other = system.call("PUT", "/records/another", said)
    assert (other.status_code, other.get_json()["code"]) == (422, "source_id_disagrees")


def test_warnings_of_the_form_refuse_nothing(
    site: Site, system: ProvincialSystem, graduate: Graduate
) -> None:
    told = system.push(record_of(graduate, dwlxr=""))["results"][0]
    assert told["outcome"] == "created"
    assert told["warnings"][0]["pointer"] == "#/records/0/dwlxr"


def test_a_province_may_change_what_it_has_filed(
    site: Site, system: ProvincialSystem, graduate: Graduate
) -> None:
    system.push(record_of(graduate))
    lock_by_province(site, graduate)
    assert system.outcomes(record_of(graduate, 2, dwmc="青岛云岭软件有限公司")) == ["updated"]
