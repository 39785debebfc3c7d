"""The audit log (操作日志) as a school's administrators, a province and the operators read it.

Each door has it behind its own guard; what is read there follows from who asks.
"""

from flask import Blueprint

from wxapp.audit import exports, pages

PAGES = (
    ("GET", "/audit", "audit_log", pages.show_log),
    ("POST", "/audit/find", "find_in_audit_log", pages.find_person),
    ("POST", "/audit/export", "export_audit_log", exports.export_log),
    ("GET", "/audit/exports/<key>", "audit_export", exports.show_export),
    ("POST", "/audit/exports/<key>/file", "fetch_audit_export", exports.fetch_export),
)
"""Method, path, endpoint, view."""


def serve(blueprint: Blueprint) -> None:
    """Add the pages of the audit log to a door."""
    for method, path, name, view in PAGES:
        blueprint.add_url_rule(path, name, view, methods=[method])
