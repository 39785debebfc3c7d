"""An answer of the platform: only a plain errcode 0 is a yes, and no number in it breaks a run."""

import codecs
import gzip
import json

import pytest

from notifier.delivery.answers import read
from notifier.ledger import outcomes


def answered(**content: object) -> bytes:
    return json.dumps({"errcode": 0, "errmsg": "ok", **content}).encode()


def test_a_plain_yes_brings_the_messages_number() -> None:
    answer = read(left=True, status=200, body=answered(msgid=3717005636572528642))
    assert answer == (outcomes.ACCEPTED, 3717005636572528642, "")


@pytest.mark.parametrize(
    "body",
    [
        b'{"errcode": "0", "errmsg": "ok", "msgid": "3717005636572528642"}',
        codecs.BOM_UTF8 + answered(msgid=3717005636572528642),
        gzip.compress(answered(msgid=3717005636572528642), mtime=0),
    ],
)
def test_a_yes_is_a_yes_however_it_is_written(body: bytes) -> None:
    answer = read(left=True, status=200, body=body)
    assert answer == (outcomes.ACCEPTED, 3717005636572528642, "")


@pytest.mark.parametrize("msgid", [2**63, -1, 0, "-12", "37a", "", None, True, 1.5])
def test_a_number_that_the_ledger_cannot_keep_is_none(msgid: object) -> None:
    answer = read(left=True, status=200, body=answered(msgid=msgid))
    assert (answer.outcome, answer.msgid) == (outcomes.ACCEPTED, None)


@pytest.mark.parametrize(
    "body",
    [
        *(
            b"",
            b"[]",
            b"{}",
            b"<html>",
            b"\xff",
            b"\x1f\x8bno gzip",
            gzip.compress(b"<html>", mtime=0),
            b"[" * 9**5,
        ),
        *(b'{"errcode": true}', b'{"errcode": "E1"}', b'{"errcode": null}', b'{"errcode": 0.0}'),
    ],
)
def test_what_cannot_be_understood_may_have_been_taken(body: bytes) -> None:
    assert read(left=True, status=200, body=body).outcome is outcomes.BAD_ANSWER
    assert read(left=True, status=502, body=answered()).outcome is outcomes.BAD_ANSWER


def test_a_secret_in_an_answer_is_not_kept() -> None:
    said = "invalid credential, access_token=abc&secret=def"
    answer = read(left=True, status=200, body=answered(errcode=40001, errmsg=said))
    assert "abc" not in answer.detail
    assert "def" not in answer.detail
    assert answer.detail.startswith("40001 ")
