"""Export of what a list shows, as a workbook: text cells only, identity numbers masked."""

from collections.abc import Iterator
from datetime import datetime
from io import BytesIO

from flask import request, send_file
from werkzeug.wrappers import Response

from registry import audit, codes, confirmation, graduates, workbook
from registry.clock import SHANGHAI
from registry.crypto import Vault
from registry.graduates import Filter, Listed
from registry.identity import IDENTITY, masked
from registry.tables import SOURCE_TITLES, Source
from wxapp.core.db import reading, writing
from wxapp.core.parts import now, parts
from wxapp.school.door import blueprint, desk
from wxapp.school.filters import parameters, read_filter

COLUMNS = (
    *("学号", "姓名", "身份证号", "院系", "学历", "专业", "班级", "登记确认状态"),
    *("毕业去向", "单位名称", "信息来源", "上报时间", "确认时间"),
)


@blueprint.post("/graduates/export")
def export() -> Response:
    """Send the filtered rows as a workbook, and note in the audit log who took how many."""
    wanted = read_filter(request.args, desk().year)
    at = now()
    file = BytesIO()
    with reading() as session:  # a write lock held for seconds would keep the senders waiting
        rows = graduates.every(session, desk().scope, wanted)
        number = workbook.write(file, _lines(rows, parts().resources.vault))
    asked = {"rows": number, **_harmless(wanted)}
    with writing() as session:
        audit.note(session, desk().deed("export_graduates", f"year:{wanted.year}", asked), at)
    file.seek(0)
    name = f"毕业生登记确认情况_{at.astimezone(SHANGHAI):%Y%m%d_%H%M}.xlsx"
    return send_file(file, workbook.MEDIA_TYPE, as_attachment=True, download_name=name)


def _harmless(wanted: Filter) -> dict[str, str]:
    """Return the filter as the log may keep it: without what was searched for by name."""
    return {name: value for name, value in parameters(wanted).items() if name != "q"}


def _lines(rows: Iterator[tuple[Listed, str]], vault: Vault) -> Iterator[tuple[str, ...]]:
    yield COLUMNS
    for row, sealed in rows:
        yield _line(row, masked(vault.open(IDENTITY, sealed)))


def _line(row: Listed, identity: str) -> tuple[str, ...]:
    return (
        *(row.student_number, row.name, identity, row.department),
        *(codes.level_title(row.level), row.major, row.class_name),
        confirmation.TITLES[row.state],
        codes.category_title(row.category) if row.category else "",
        row.unit_name,
        SOURCE_TITLES[Source(row.source)] if row.source else "",
        *(_time(row.reported_at), _time(row.answered_at)),
    )


def _time(moment: datetime | None) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if moment else ""
