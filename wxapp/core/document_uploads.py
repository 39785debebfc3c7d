"""Documents that a form brings along: opened by parsers and looked at by the scanner, by name."""

from collections.abc import Mapping

from flask import Flask, request

from notifier.providers import virus_scan
from registry.base.errors import RuleError
from registry.review import evidence_types
from registry.review.evidence import EvidenceDocument
from wxapp.core.resources import resources

FORM_BYTES = 64 * 1024
DOCUMENTS = {
    "employer.hand_in": 2,
    "registration.ask_to_take_over": 1,
    "province.list_employer": 1,
    "ops.list_employer": 1,
}
"""Endpoint -> how many documents its form has: so much more may its body weigh."""


def allow_documents_on(app: Flask) -> None:
    """Let these forms weigh what they may, before their token is looked for in them."""
    app.before_request(_allow)


def _allow() -> None:
    documents = DOCUMENTS.get(request.endpoint or "")
    if documents:
        request.max_content_length = documents * evidence_types.MOST_BYTES + FORM_BYTES


def documents(titles: Mapping[str, str]) -> dict[str, EvidenceDocument]:
    """Return the documents of a form's fields that were chosen, under the titles of the fields.

    Raises RuleError as `evidence_types.checked` and `virus_scan` do, with the field.
    """
    files = {name: request.files.get(name) for name in titles}
    given = {name: file for name, file in files.items() if file is not None and file.filename}
    return {name: _checked(name, titles[name], each.stream.read()) for name, each in given.items()}


def _checked(name: str, title: str, content: bytes) -> EvidenceDocument:
    try:
        found = evidence_types.checked(content)
        virus_scan.refuse_infected(resources().settings.clamd, found.content)
    except RuleError as refusal:
        raise RuleError(refusal.code, f"{title}：{refusal.sentence}", name) from None
    suffix = evidence_types.SUFFIXES[found.media_type]
    return EvidenceDocument(f"{title}{suffix}", found.media_type, found.content)
