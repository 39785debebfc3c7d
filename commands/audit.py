"""`quxiang audit`: whether the audit log is as it was written, and the head of its chain."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from commands.answers import Answer, Misused, Refused, runs, verbs
from commands.opening import opened_resources
from notifier.providers.audit_heads import read_heads, said_of
from registry.accounts.audit_log import chain, verify
from registry.accounts.audit_log.verify import MOST, ChainReport


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    commands = verbs(parser)
    verifies = commands.add_parser("verify", help="read the whole log and say what was tampered")
    verifies.add_argument(
        "--heads", metavar="FILE", help="heads written elsewhere (QUXIANG_AUDIT_HEADS, if a file)"
    )
    verifies.add_argument(
        *("--head", "-H"),
        action="append",
        default=[],
        metavar="LINK:HASH",
        help="a head of the service's log; may be given again",
    )
    runs(verifies, _verify)
    runs(commands.add_parser("head", help="chain what waits, and print the newest link"), _head)


def _verify(options: argparse.Namespace) -> Answer:
    with opened_resources() as resources:
        heads = _heads(options, resources.settings.audit_heads)
        with resources.readers() as session:
            report = verify.verify(session, heads)
    facts = _facts(report, len(heads))
    if report.is_whole:
        return Answer(facts, _words(report, len(heads)))
    raise Refused("tampered", _findings(report), facts)


def _heads(options: argparse.Namespace, place: str) -> dict[int, str]:
    given = dict(_given(each) for each in options.head)
    path = options.heads or (place if place.startswith("/") and Path(place).exists() else "")
    if not path:
        return given
    try:
        return read_heads(Path(path)) | given
    except OSError as error:
        raise Refused("heads_unreadable", f"The heads cannot be read: {error}") from None
    except ValueError as error:
        raise Refused("heads_unreadable", f"These are no heads: {error}") from None


def _given(text: str) -> tuple[int, str]:
    number, _, digest = text.partition(":")
    if not number.isdigit() or not digest:
        raise Misused("a head reads LINK:HASH")
    return int(number), digest


def _facts(report: ChainReport, heads: int) -> dict[str, Any]:
    oldest = report.oldest_waiting
    return {
        "links": report.links,
        "rows": report.rows,
        "waiting": report.waiting,
        "oldest_waiting": oldest.isoformat() if oldest else None,
        "forgotten_links": report.forgotten,
        "heads": heads,
        "found": {what.value: number for what, number in report.found.items()},
        "named": [asdict(each) for each in report.named],
    }


def _words(report: ChainReport, heads: int) -> str:
    lines = [f"The audit log is whole: {report.rows} rows in {report.links} links."]
    if report.waiting:
        lines.append(f"{report.waiting} newer rows wait for their link.")
    if report.forgotten:
        lines.append(f"Before it {report.forgotten} links were deleted when their time was over.")
    compared = f"Compared with {heads} heads written elsewhere."
    lines.append(compared if heads else "No heads to compare with: a cut-off end is not noticed.")
    return "\n".join(lines)


def _findings(report: ChainReport) -> str:
    lines = [f"The audit log was tampered with: {report.found.total()} findings."]
    lines += [each.sentence for each in report.named]
    if report.found.total() > MOST:
        lines.append("…")
    return "\n".join(lines)


def _head(_options: argparse.Namespace) -> Answer:
    with opened_resources() as resources:
        chain.extend_all(resources.sessions, resources.clock())
        with resources.readers() as session:
            head = chain.head(session)
    if head is None:
        return Answer({"link": 0, "hash": chain.FIRST, "total": 0}, "The audit log is empty.")
    return Answer(said_of(head), f"{head.link}:{head.hash}")
