"""The rows of a country's schools in season, a statement of PostgreSQL for each table.

Every fifth has not registered; of the others half have confirmed. 85 of 100 are bound and follow.
"""

from bench.review_world import VALUES
from registry.base.short_json import written_json
from registry.record.confirmation import snapshots
from registry.record.registration import COLUMNS

TABLES = (
    *("message", "graduate", "application", "registration", "audit_entry", "binding"),
    *("confirmation", "review_step", "follower", "issued_number", "web_session"),
)
"""What is filled without its indexes, those with the most to make first."""
OF_A_PERSON = (
    *("department_id", "name", "sex", "level", "major_code", "major", "graduation_month"),
    *("programme_length", "origin_code", "origin", "training_mode"),
)
"""What is dealt out of made-up people."""

SEALED = """
CREATE TEMP TABLE sealed_person (id bigint, school_id bigint, place int, identity_sealed text,
    identity_index text, phone_sealed text, phone_index text, particulars_sealed text)
    ON COMMIT DROP
"""
NUMBERS = """
CREATE TEMP TABLE sealed_number (id bigint, issue text, number_index text, number_sealed text,
    link_hash text, link_sealed text) ON COMMIT DROP
"""

_DEALT = ", ".join(f"p.{each}" for each in OF_A_PERSON if each != "department_id")
_GRADUATES = f"""
INSERT INTO graduate (id, key, school_id, department_id, year, student_number, candidate_number,
    identity_sealed, identity_index, phone_sealed, phone_index, particulars_sealed,
    {_DEALT.replace("p.", "")}, class_name, training_unit, confirmation, registration_id,
    reported_at, answered_at, created_at, updated_at)
SELECT s.id, 'g' || substr(md5(:secret || s.id), 1, 21), s.school_id,
    (s.school_id - 1) * :departments + CAST(p.department_id AS bigint), :year,
    (:year - 4) || '9' || lpad(s.place::text, 7, '0'),
    '22' || lpad((20000 + s.school_id)::text, 5, '0') || lpad(s.place::text, 7, '0'),
    s.identity_sealed, s.identity_index, s.phone_sealed, s.phone_index, s.particulars_sealed,
    {_DEALT}, p.major || (1 + s.id % 28) || '班', '',
    CASE WHEN s.id % 5 = 0 THEN 'not_reported' WHEN s.id % 20 < 6 THEN 'unconfirmed'
         WHEN s.id % 20 < 8 THEN 'disputed' ELSE 'confirmed' END,
    CASE WHEN s.id % 5 <> 0 THEN s.id END,
    CASE WHEN s.id % 5 <> 0 THEN
        CAST(:at AS timestamptz) - (s.id * 7919 % 2000003 + 2000003) * interval '1 second' END,
    CASE WHEN s.id % 5 <> 0 AND s.id % 20 > 5 THEN
        CAST(:at AS timestamptz) - s.id * 7919 % 2000003 * interval '1 second' END,
    CAST(:at AS timestamptz) - interval '90 days', :at
FROM sealed_person s JOIN bench_person p ON p.number = s.id % :dealt
"""  # noqa: S608 - names of columns of this module, as below
_SAID = ", ".join(
    f"CAST(d.{each} AS date)" if each == "signed_on" else f"d.{each}" for each in COLUMNS
)
_REGISTRATIONS = f"""
INSERT INTO registration (id, graduate_id, school_id, year, version, source, source_name,
    reported_at, recorded_at, recorded_by, {", ".join(COLUMNS)})
SELECT g.id, g.id, g.school_id, g.year, 1, 'national', '全国登记系统', g.reported_at,
    g.reported_at, 'system', {_SAID}
FROM graduate g JOIN bench_destination d ON d.number = g.id % :dealt
WHERE g.id BETWEEN :first AND :last AND g.registration_id IS NOT NULL
"""  # noqa: S608 - as above
_SNAPSHOT = written_json({**VALUES, "name": "李娟", "school": "某某大学"})
_ANSWERED = " || ',' || ".join(f"'\"{name}\"\\:' || to_json({name})" for name in snapshots.kept({}))
"""The pairs of what is kept with an answer, as the product writes JSON: without blanks."""
_CONFIRMATIONS = f"""
INSERT INTO confirmation (id, graduate_id, school_id, year, sequence, registration_id, answer,
    items, note, snapshot, snapshot_hash, channel, answered_at)
SELECT id, id, school_id, year, 1, id,
    CASE confirmation WHEN 'confirmed' THEN 'correct' ELSE 'wrong' END,
    CASE confirmation WHEN 'confirmed' THEN '[]'::json ELSE '["file"]'::json END, '',
    CAST('{{' || {_ANSWERED} || '}}' AS json), md5(id::text) || md5('x' || id), 'wechat',
    answered_at
FROM graduate WHERE id BETWEEN :first AND :last AND answered_at IS NOT NULL
"""  # noqa: S608 - as above
_APPLIED = written_json(VALUES).replace(":", "\\:")
_APPLICATIONS = f"""
INSERT INTO application (id, key, graduate_id, school_id, department_id, year, purpose, state,
    revision, category, values, registration_id, note, reason, submitted_at, closed_at, created_at,
    updated_at)
SELECT id, 'a' || substr(md5(:secret || id), 1, 21), id, school_id, department_id, year,
    CASE WHEN id % 200 = 0 THEN 'void' ELSE 'register' END,
    CASE WHEN id % 10 = 0 THEN 'department_passed' WHEN id % 10 = 5 THEN 'submitted'
         ELSE 'passed' END,
    2, '10', CASE WHEN id % 5 = 0 THEN CAST('{_APPLIED}' AS json) ELSE '{{}}' END,
    CASE WHEN id % 5 <> 0 THEN id END, '', '',
    CAST(:at AS timestamptz) - id * 7919 % 1000003 * interval '1 second',
    CASE WHEN id % 5 <> 0 THEN CAST(:at AS timestamptz) END, :at, :at
FROM graduate WHERE id BETWEEN :first AND :last
"""  # noqa: S608 - as above
_STEPS = rf"""
INSERT INTO review_step (id, application_id, school_id, year, revision, event, level, reason,
    values, by, at)
SELECT a.id, a.id, a.school_id, a.year, 2, 'submit', '', '',
    CASE WHEN a.state <> 'passed' THEN CAST('{_APPLIED}' AS json) END,
    'graduate\:' || g.key, a.submitted_at
FROM application a JOIN graduate g ON g.id = a.graduate_id WHERE a.id BETWEEN :first AND :last
"""  # noqa: S608 - as above
_NUMBERS = f"""
INSERT INTO issued_number (id, graduate_id, school_id, year, issue, kind, sequence, newest,
    standing, number_index, number_sealed, link_hash, link_sealed, registration_id, snapshot,
    ends_on, issued_at, issued_by)
SELECT n.id, n.id, g.school_id, g.year, n.issue, 'file', 1, TRUE, 'good', n.number_index,
    n.number_sealed, n.link_hash, n.link_sealed, n.id,
    CAST('{_SNAPSHOT.replace(":", chr(92) + ":")}' AS json),
    CAST(:at AS date) + 100, :at, 'bench'
FROM sealed_number n JOIN graduate g ON g.id = n.id WHERE g.confirmation = 'confirmed'
"""  # noqa: S608 - as above
_BINDINGS = """
INSERT INTO binding (id, openid, graduate_id, school_id, year, phone_index, bound_at)
SELECT id, 'o' || substr(md5(id::text), 1, 27), id, school_id, year, phone_index,
    CAST(:at AS timestamptz) - id * 7919 % 2000003 * interval '1 second'
FROM graduate WHERE id BETWEEN :first AND :last AND id % 20 < 17
"""
_FOLLOWERS = """
INSERT INTO follower (openid, subscribed, changed_at)
SELECT openid, TRUE, bound_at FROM binding WHERE graduate_id BETWEEN :first AND :last
"""
_CAMPAIGNS = """
INSERT INTO campaign (id, key, school_id, created_by, title, kind, texts, audience, prefers,
    created_at, state, reason, started_at, finished_at)
SELECT i, 'c' || i, 1 + (i - 1) / 20 % :schools, 'bench', '登记确认提醒' || i,
    'confirmation_reminder',
    '{"deadline"\\: "6月30日", "item"\\: "登记确认"}',
    json_build_object('year', CAST(:year AS int)), 'no_duplicate',
    :at, CASE i % 10 WHEN 7 THEN 'cancelled' ELSE 'finished' END, '', :at, :at
FROM generate_series(1, :campaigns) AS i
"""
_MESSAGES = """
INSERT INTO message (id, client_msg_id, business_key, kind, school_id, campaign_id, graduate_id,
    facts, state, reason, detail, openid, next_at, tries, crashes, wx_msgid, created_at,
    accepted_at, final_at)
SELECT g.id * 2 - 2 + m, md5(:secret || m || '.' || g.id), 'bench\\:' || m || '\\:' || g.id,
    CASE m WHEN 1 THEN 'confirmation_reminder' ELSE 'registration_changed' END, g.school_id,
    CASE m WHEN 1 THEN (g.school_id - 1) * 20 + 1 + g.id % 20 END, g.id,
    CASE m WHEN 1 THEN '{"state"\\: "unconfirmed"}'
           ELSE '{"blocks"\\: "毕业去向", "by"\\: "学校", "at"\\: "6月10日", "hint"\\: "请核对"}'
    END, 'delivered', '', '',
    b.openid, :at, 1, 0, m * 1000000000 + g.id, :at, :at, :at
FROM graduate g JOIN binding b ON b.graduate_id = g.id, generate_series(1, 2) AS m
WHERE g.id BETWEEN :first AND :last AND b.graduate_id BETWEEN :first AND :last
"""
_ENTRIES = """
INSERT INTO audit_entry (at, actor, action, subject, school_id, address, device, details)
SELECT CAST(:at AS timestamptz) - (id % 100000) * interval '1 second', 'staff\\:staff' || school_id,
    'seen_graduate', 'graduate\\:' || key, school_id, substr(identity_index, 1, 32),
    'Windows · Edge', '{}'
FROM graduate WHERE id BETWEEN :first AND :last ORDER BY id % 1000
"""
_STAFF = """
INSERT INTO staff (id, key, login, name, role, school_id, password_hash, active, created_at)
SELECT id, 'staff' || id, 'staff' || id, '王老师', 'school', id, '', TRUE, :at FROM school
"""
_PROVINCE_STAFF = """
INSERT INTO staff (id, key, login, name, role, province, password_hash, active, created_at)
SELECT :schools + place, 'staff' || (:schools + place), 'province' || code, '李老师', 'province',
    code, '', TRUE, :at
FROM unnest(CAST(:provinces AS text[])) WITH ORDINALITY AS given(code, place)
"""
_STAFF_SESSIONS = """
INSERT INTO web_session (token_hash, staff_id, content, created_at, seen_at, expires_at)
SELECT encode(sha256((:secret || 's' || id)::bytea), 'hex'), id,
    '{"csrf_token"\\: "0123456789abcdef0123456789abcdef01234567"}', :begun, :begun, :staff_ends
FROM staff
"""
_GRADUATE_SESSIONS = """
INSERT INTO web_session (token_hash, graduate_id, openid, content, created_at, seen_at, expires_at)
SELECT encode(sha256((:secret || 'g' || b.graduate_id)::bytea), 'hex'), b.graduate_id, b.openid,
    '{"device"\\: "Android · 微信", "place"\\: "0123456789abcdef0123456789abcdef",
      "csrf_token"\\: "0123456789abcdef0123456789abcdef01234567"}',
    :begun, :begun, :ends
FROM binding b WHERE b.graduate_id BETWEEN :first AND :last
    AND b.graduate_id % :step = 1 % :step
"""
_SEQUENCES = """
SELECT setval(pg_get_serial_sequence(t, 'id'), :count * 2 + :campaigns + 1)
FROM unnest(ARRAY['school', 'department', 'graduate', 'registration', 'confirmation', 'application',
                  'review_step', 'issued_number', 'binding', 'campaign', 'message', 'staff']) AS t
"""
OF_ALL = (_CAMPAIGNS, _STAFF, _PROVINCE_STAFF, _STAFF_SESSIONS, _SEQUENCES)
"""Of the country as a whole, before its people."""
OF_PEOPLE = (
    *(_GRADUATES, _REGISTRATIONS, _CONFIRMATIONS, _APPLICATIONS, _STEPS, _NUMBERS),
    *(_BINDINGS, _FOLLOWERS, _MESSAGES, _ENTRIES, _GRADUATE_SESSIONS),
)
"""Of the people from `first` to `last`, in the order in which one needs the other."""
