"""Where official tables prescribe another title than the catalogue's: all of them, by table.

The names of a roster's columns are prescribed too; they are in `registry.roster.layouts`.
"""

from registry.record.fields import ALL

REPORT = {
    "file_unit": "单位名称",
    "file_location": "单位所在地",
    "file_postcode": "单位邮编",
    "file_contact": "联系人/联系部门",
    "file_phone": "联系电话",
}
"""The official report and the information sheet, under the heading 档案转递 (figures 6 and 8)."""

POSTING_LIST = {
    "origin": "生源地名称",
    "unit_name": "用人单位名称",
    "file_type": "档案转寄类型名称",
    "file_unit": "档案转寄单位",
    "file_contact": "档案转寄联系人",
    "file_phone": "档案转寄联系电话",
}
"""The list files are posted by: its twelve columns are those of the national exports."""

POSTING_SLIP = {
    "origin": "生源地",
    "unit_name": "就业单位名称",
    "file_unit": "收档单位名称",
    "file_contact": "收档联系人",
    "file_phone": "联系电话",
    "file_postcode": "邮政编码",
}
"""高等学校毕业生档案转递单."""


def of_report(name: str) -> str:
    """Return how a report calls a field."""
    return REPORT.get(name) or ALL[name].title
