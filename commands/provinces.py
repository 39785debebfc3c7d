"""`quxiang province`: the keys of provinces' systems, and the files that provinces forward."""

import argparse
from datetime import datetime
from typing import Any

from commands import forwarded_files, province_push
from commands.answers import Answer, Misused, runs, verbs
from commands.opening import opened_resources
from registry.base.clock import SHANGHAI
from registry.base.iso_dates import moment_of
from registry.codes import regions
from registry.interface import keys
from registry.interface.signatures import Algorithm
from registry.interface.tables import ProvinceKey


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    nouns = verbs(parser)
    of_keys = verbs(nouns.add_parser("key", help="keys that systems of provinces sign with"))
    create = of_keys.add_parser("create", help="make one; its secret is shown this once")
    create.add_argument("--province", required=True, help="six digits, GB/T 2260, as 370000")
    create.add_argument(
        "--algorithm",
        choices=[each.value for each in Algorithm],
        default=Algorithm.HMAC_SHA256.value,
        help="how it signs (hmac-sha256)",
    )
    create.add_argument("--from", dest="since", metavar="MOMENT", help="good from (now)")
    create.add_argument("--until", metavar="MOMENT", help="good until (its end)")
    runs(create, _create)
    listing = of_keys.add_parser("list", help="show them, and when each was used last")
    listing.add_argument("--province", help="six digits (all)")
    runs(listing, _list)
    ending = of_keys.add_parser("end", help="end one, at once")
    ending.add_argument("--keyid", required=True, help="as `key list` shows it")
    runs(ending, _end)
    province_push.fill(nouns.add_parser("push", help="play a province's system: push a file"))
    forwarded_files.fill_verify(nouns.add_parser("verify", help="check a file that was forwarded"))
    public = nouns.add_parser("signers", help="show the public keys that such files are checked by")
    forwarded_files.fill_signers(public)


def _create(options: argparse.Namespace) -> Answer:
    if not regions.is_province(options.province):
        raise Misused(f"{options.province} is no province's code (GB/T 2260, as 370000)")
    with opened_resources() as resources, resources.sessions.begin() as session:
        at = resources.clock()
        valid = (_moment(options.since) or at, _moment(options.until))
        algorithm = Algorithm(options.algorithm)
        key, secret = keys.create(session, resources.vault, options.province, algorithm, valid, at)
        facts = {"keyid": key.keyid, "key": secret, "algorithm": key.algorithm}
    text = f"keyid {facts['keyid']}\nkey   {secret}\nThe key is not shown again."
    return Answer(facts, text)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = moment_of(text)
    except ValueError:
        raise Misused(f"{text} is no moment (as 2026-06-10T10:00)") from None
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


def _list(options: argparse.Namespace) -> Answer:
    with opened_resources() as resources, resources.readers.begin() as session:
        found = [_told(each) for each in keys.listed(session, options.province)]
    lines = [
        f"{each['keyid']}  {each['province']}  {each['algorithm']}  "
        f"used {each['last_used'] or 'never'}{'  ended' if each['ended'] else ''}"
        for each in found
    ]
    return Answer({"keys": found}, "\n".join(lines) or "There are no keys.")


def _told(key: ProvinceKey) -> dict[str, Any]:
    return {
        "keyid": key.keyid,
        "province": key.province,
        "algorithm": key.algorithm,
        "valid_from": key.valid_from,
        "valid_until": key.valid_until,
        "ended": key.ended_at,
        "last_used": key.last_used_at,
    }


def _end(options: argparse.Namespace) -> Answer:
    with opened_resources() as resources, resources.sessions.begin() as session:
        ended = keys.end(session, options.keyid, resources.clock())
    words = "ended" if ended else "had ended before"
    return Answer({"keyid": options.keyid, "ended": ended}, f"{options.keyid} {words}.")
