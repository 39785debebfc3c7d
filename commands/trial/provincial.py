"""The provincial system of a trial: its key, and records of a few graduates to push by hand."""

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from commands.trial.home import Home
from commands.trial.private import write_private
from registry.accounts.school_tables import School
from registry.interface import keys
from registry.interface.signatures import Algorithm
from registry.record.confirmation.states import ConfirmationState
from registry.record.tables import Graduate
from runtime.resources import Resources

FEW = 3
"""Graduates whose records lie ready to be pushed."""
SAID = {
    "byqxdm": "10",
    "qyrq": "2026-05-20",
    "dwmc": "济南泉城软件有限公司",
    "dwzzjgdm": "91350100M000100Y43",
    "dwxzdm": "39",
    "dwhydm": "34",
    "dwszddm": "370102",
    "gzzwlbdm": "13",
    "dwlxr": "人力资源部",
    "lxrdh": "0531-55500200",
    "dwdz": "经十路1号",
    "dazdlx": "转回生源地",
    "hkqylx": "户口不在学校",
}


def connect(home: Home, session: Session, resources: Resources, code: str) -> None:
    """Give the province of a school a key, and write down records that its system may push."""
    school = session.scalars(select(School).where(School.code == code)).one()
    at = resources.clock()
    key, secret = keys.create(
        session, resources.vault, school.province, Algorithm.HMAC_SHA256, (at, None), at
    )
    made = {"keyid": key.keyid, "key": secret, "algorithm": key.algorithm}
    write_private(home.province_key, json.dumps(made, indent=2))
    found = session.scalars(
        select(Graduate)
        .where(
            Graduate.school_id == school.id,
            Graduate.confirmation == ConfirmationState.NOT_REPORTED,
        )
        .order_by(Graduate.id)
        .limit(FEW)
    )
    records = [_record(school, each) for each in found]
    told = json.dumps({"records": records}, ensure_ascii=False, indent=2)
    write_private(home.province_records, told)


def _record(school: School, graduate: Graduate) -> dict[str, object]:
    return {
        "source_id": f"{school.code}-{graduate.student_number}",
        "version": 1,
        "yxdm": school.code,
        "byjc": str(graduate.year),
        "xm": graduate.name,
        "xh": graduate.student_number,
        **SAID,
    }
