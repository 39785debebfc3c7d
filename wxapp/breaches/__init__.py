"""Reports of graduates (举报) as who handles them sees them: a school, a province, the operators.

Each door has the pages behind its own guard; what is seen follows from who asks
(`registry.breaches.lists`).
"""

from flask import Blueprint

from wxapp.breaches import pages

PAGES = (
    ("GET", "/breaches", "breaches", pages.show_list),
    ("GET", "/breaches/<key>", "breach", pages.show_report),
    ("GET", "/breaches/<key>/files/<file>", "breach_file", pages.show_file),
    ("POST", "/breaches/<key>/begin", "begin_breach", pages.begin),
    ("POST", "/breaches/<key>/answer", "answer_breach", pages.answer),
)
"""Method, path, endpoint, view."""
ABOVE = (
    ("POST", "/breaches/<key>/tell", "tell_school", pages.tell_school),
    ("POST", "/breaches/<key>/take-over", "take_over_breach", pages.take_over),
)
"""What only those above a school do."""
OF_SCHOOL = (("POST", "/breaches/<key>/explain", "explain_breach", pages.explain),)
"""What only a school does."""


def serve(blueprint: Blueprint, *, above_schools: bool) -> None:
    """Add the pages of reports to a door."""
    for method, path, name, view in PAGES + (ABOVE if above_schools else OF_SCHOOL):
        blueprint.add_url_rule(path, name, view, methods=[method])
