"""The least that a page of such a service could cost: Flask, one query of six tables, one template.

No limits, no protection of forms, no log, no session that is written: nothing that a service needs.
`python -m bench.bare PORT DATABASE_URL`
"""

import hashlib
import sys
import threading

import psycopg
from flask import Flask, render_template, request
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server
from jinja2 import DictLoader

PROCESSES = 2
_QUERY = """
SELECT g.name, g.confirmation, s.name, d.name, r.unit_name, r.file_unit, r.household_location
FROM web_session w JOIN binding b ON b.openid = w.openid AND b.ended_at IS NULL
JOIN graduate g ON g.id = b.graduate_id JOIN school s ON s.id = g.school_id
JOIN department d ON d.id = g.department_id LEFT JOIN registration r ON r.id = g.registration_id
WHERE w.token_hash = %s AND w.expires_at > now()
"""
_PAGE = """<!doctype html><title>登记确认</title>
{% for _ in range(12) %}{% for value in row %}<p class="line">{{ value or "" }}</p>
{% endfor %}{% endfor %}"""


def make_app(database_url: str) -> Flask:
    """Make the application; each thread has a connection of its own."""
    app, kept = Flask(__name__), threading.local()
    app.jinja_loader = DictLoader({"page": _PAGE})

    @app.get("/")
    def page() -> str:
        if not hasattr(kept, "connection"):
            kept.connection = psycopg.connect(database_url, autocommit=True)
        token = hashlib.sha256(request.cookies["quxiang"].encode()).hexdigest()
        row = kept.connection.execute(_QUERY, (token,)).fetchone()
        return render_template("page", row=row)

    return app


def _serve(port: int, database_url: str) -> None:
    Server(
        "bare",
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=PROCESSES,
        blocking_threads=32,
        log_level=LogLevels.error,
    ).serve(target_loader=lambda: make_app(database_url), wrap_loader=False)


if __name__ == "__main__":
    _serve(int(sys.argv[1]), sys.argv[2])
