"""The review: what waits for a level, and deciding on it.

The school's door has it and the province's, each behind its own guard, which sets up who
works there (`wxapp.core.staff_context`), and with its own frame around the pages
(`review_frame`, `review_entry`).
"""

from flask import Blueprint

from wxapp.reviews import choices, deciding, listing, reasons, sheet

PAGES = (
    ("GET", "/reviews", "reviews", listing.show_reviews),
    ("POST", "/reviews", "decide_many", listing.decide_many),
    ("GET", "/reviews/<key>", "review", sheet.show_review),
    ("POST", "/reviews/<key>", "decide_one", sheet.decide_one),
    ("POST", "/reviews/<key>/paper", "agreement_paper", sheet.download_agreement),
    ("GET", "/reviews/decided/<ask>", "review_decided", deciding.show_decided),
    ("GET", "/choices/<name>", "choices", choices.show_choices),
    ("GET", "/evidence/<key>", "evidence", sheet.show_evidence),
    ("GET", "/review-reasons", "review_reasons", reasons.show_reasons),
    ("POST", "/review-reasons", "add_reason", reasons.add_reason),
    ("POST", "/review-reasons/<key>/remove", "remove_reason", reasons.remove_reason),
)
"""Method, path, endpoint, view."""


def serve(blueprint: Blueprint, prefix: str = "") -> None:
    """Add the pages of the review to a door, under `prefix`."""
    for method, path, name, view in PAGES:
        blueprint.add_url_rule(prefix + path, name, view, methods=[method])
