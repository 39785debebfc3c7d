"""A country's large schools under review: people, registrations and applications made by SQL."""

import json

from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.base.clock import utc_now
from registry.record.registration import COLUMNS

SCHOOL_SIZE = 20_000
"""Graduates of one of the largest schools."""
YEAR = 2026
VALUES = {
    "category": "10",
    "unit_name": "青岛新海科技有限公司",
    "unit_code": "91350100M000100Y43",
    "unit_nature": "31",
    "unit_industry": "34",
    "unit_location_code": "370202",
    "unit_contact": "孙经理",
    "unit_phone": "0532-86981234",
    "job_class": "13",
    "signed_on": "2026-05-20",
    "file_type": "转回生源地",
    "household_type": "户口不在学校",
}

_SCHOOLS = """
INSERT INTO school (key, code, name, province, helpline, created_at)
SELECT 's' || i, (20000 + i)::text, '某某大学' || i, '370000', '', :at
FROM generate_series(1, :schools) AS i
"""
_DEPARTMENTS = """
INSERT INTO department (key, school_id, name)
SELECT 'd' || school.id || '-' || i, school.id, '学院' || i
FROM school, generate_series(1, 20) AS i
"""
_GRADUATES = """
INSERT INTO graduate (key, school_id, department_id, year, student_number, name, identity_sealed,
    identity_index, sex, level, major_code, major, class_name, graduation_month, programme_length,
    origin_code, origin, training_mode, training_unit, confirmation, created_at, updated_at)
SELECT 'g' || i, department.school_id, department.id, :year, '2022' || lpad(i::text, 8, '0'),
    (ARRAY['李', '王', '张', '刘', '陈', '杨', '赵', '黄'])[1 + i % 8]
        || (ARRAY['娟', '建国', '敏', '伟', '静'])[1 + i % 5]
        || CASE WHEN i % 5000 = 7 THEN '𠮷' ELSE '' END,
    'sealed', i::text, '2', '31', '', '专业' || (i % 80), '班' || (i % 600), '202606', '4', '', '',
    '', '', 'confirmed', :at, :at
FROM generate_series(1, :count) AS i
JOIN school ON school.key = 's' || (1 + (i - 1) / :size)
JOIN department ON department.key = 'd' || school.id || '-' || (1 + i % 20)
"""
_IN_FORCE = """
UPDATE graduate SET registration_id = registration.id, reported_at = :at
FROM registration WHERE registration.graduate_id = graduate.id
"""
_APPLICATIONS = """
INSERT INTO application (key, graduate_id, school_id, department_id, year, purpose, state, revision,
    category, values, based_on, note, reason, submitted_at, closed_at, created_at, updated_at)
SELECT 'a' || id, id, school_id, department_id, year,
    CASE WHEN id % 200 = 0 THEN 'void' ELSE 'register' END,
    (ARRAY['submitted', 'department_passed', 'submitted', 'passed', 'department_passed',
           'submitted', 'submitted', 'passed', 'department_passed', 'department_passed']
    )[1 + id % 10],
    2, '10', CAST(:values AS json), registration_id, '', '',
    CAST(:at AS timestamptz) - ((id * 7919) % 1000003) * interval '1 second',
    CASE WHEN id % 10 IN (3, 7) THEN CAST(:at AS timestamptz) END, :at, :at
FROM graduate
"""
_STEPS = """
INSERT INTO review_step (application_id, revision, event, level, reason, values, by, at)
SELECT id, 2, 'submit', '', '', values, 'graduate', submitted_at FROM application
"""
_RETURNED = "UPDATE application SET state = 'returned' WHERE id % 17 = 0 AND state = 'submitted'"
_STAFF = """
INSERT INTO staff (key, login, name, role, school_id, department_id, password_hash, active,
    created_at)
SELECT 'staff' || id, 'staff' || id, '王老师', 'school', id, NULL, '', TRUE, :at
FROM school
"""


def _registrations() -> str:
    said = {**VALUES, "unit_name": "青岛海纳软件有限公司", "unit_location": "山东省青岛市市南区"}
    columns = [name for name in COLUMNS if name != "signed_on"]
    written = ", ".join(f"'{said.get(name, '')}'" for name in columns)
    return f"""
INSERT INTO registration (graduate_id, version, source, source_name, reported_at, recorded_at,
    recorded_by, signed_on, {", ".join(columns)})
SELECT id, 1, 'national', '全国登记系统', :at, :at, 'system', DATE '2026-05-20', {written}
FROM graduate ORDER BY id
"""  # noqa: S608 - column names and constants of this module


def make_review_world(session: Session, graduates: int) -> None:
    """Make schools of SCHOOL_SIZE, everybody with a registration in force and an application."""
    values = {
        "at": utc_now(),
        "schools": -(-graduates // SCHOOL_SIZE),
        "count": graduates,
        "size": SCHOOL_SIZE,
        "year": YEAR,
        "values": json.dumps(VALUES, ensure_ascii=False),
    }
    making = (_SCHOOLS, _DEPARTMENTS, _GRADUATES, _registrations(), _IN_FORCE, _APPLICATIONS)
    for statement in (*making, _RETURNED, _STEPS, _STAFF):
        session.execute(text(statement), values)
