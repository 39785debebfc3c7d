"""Employers as those see them who answer for signing: their papers, the list, patterns.

Schools and provinces decide about papers, provinces and the operator list employers, all three look
at patterns. Each door has the pages behind its own guard.
"""

from flask import Blueprint

from wxapp.firms import listings, papers, patterns

PAPERS = (
    ("GET", "/papers", "papers", papers.show_waiting),
    ("GET", "/papers/<key>", "papers_of_employer", papers.show_papers),
    ("POST", "/papers/<key>", "decide_papers", papers.decide_papers),
    ("GET", "/papers/<key>/<which>", "papers_file", papers.show_file),
)
LISTINGS = (
    ("GET", "/employers", "employers", listings.show_employers),
    ("GET", "/employers/<employer>", "employer", listings.show_employer),
    ("POST", "/employers/<employer>/listings", "list_employer", listings.list_employer),
    ("POST", "/listings/<listing>/lift", "lift_listing", listings.lift_listing),
    ("GET", "/listings/<listing>/evidence", "listing_evidence", listings.show_evidence),
)
SETTINGS = (("POST", "/employers/settings", "settle_signing", listings.settle_signing),)
PATTERNS = (
    ("GET", "/patterns", "patterns", patterns.show_patterns),
    ("GET", "/patterns/<pattern>", "pattern", patterns.show_cases),
)
"""Method, path, endpoint, view."""
_DOORS = {
    "school": (*PAPERS, *PATTERNS),
    "province": (*PAPERS, *LISTINGS, *SETTINGS, *PATTERNS),
    "ops": (*LISTINGS, *PATTERNS),
}


def serve(blueprint: Blueprint) -> None:
    """Add the pages about employers to a door."""
    for method, path, name, view in _DOORS[blueprint.name]:
        blueprint.add_url_rule(path, name, view, methods=[method])
