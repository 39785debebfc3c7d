"""Every kind of task: what it is called, how it is done, what comes of it.

A new kind is a name in `TaskKind` and an entry here; one that needs what is above the record (as
the results of a campaign do) has its entry there, in a mapping made of this one. Pages start it by
`registry.tasks.start` or, where a file is uploaded, as `registry.tasks.roster_import` does; the
worker, the list of tasks, the lease and the progress are the same for all.
"""

from functools import partial

from registry.numbers.shape import Kind
from registry.tasks import (
    address_labels,
    audit_export,
    courier_steps,
    file_making,
    import_lists,
    invitation_list,
    invitation_steps,
    mail_slips,
    name_lists,
    province_files,
    report_files,
    review_steps,
    roster_steps,
    statistics_workbooks,
    workbooks,
)
from registry.tasks.file_making import Keeping, Writer, make_file, make_numbers, make_own_file
from registry.tasks.procedure import Procedure
from registry.tasks.states import (
    COURIER_TITLES,
    IMPORT_TITLES,
    INVITING_TITLES,
    REVIEWING_TITLES,
    TaskKind,
    TaskState,
)

_FILE = partial(
    Procedure,
    audited=file_making.audited,
    given_up="多次尝试都没有完成，请缩小范围再试。如仍然如此，请联系平台。",
)
_TRANSFER = partial(_FILE, label="转递", most=200_000)
_SLIPS = {"soon": 100, "most": 20_000}
"""14 KB of PDF each: 280 MB."""
_ADDRESSES = {"soon": 100, "most": 40_000}
"""All of the largest school: labels are 1 KB each, envelopes 3."""
_OWN_WORKBOOK = Keeping(is_workbook=True, is_askers_own=True)
COUNTED_SOON = 20_000
"""Graduates whose statistics take about a second."""


def name_list(title: str, write: Writer) -> Procedure:
    """Return how a list of names is made: a workbook, and no number."""
    run = partial(make_file, write=write, is_workbook=True)
    return _FILE(label="名单", title=title, run=run, soon=5000)


PROCEDURES: dict[TaskKind, Procedure] = {
    TaskKind.NUMBERS: _TRANSFER(title="生成{number_kind}转递编号", run=make_numbers, soon=500),
    TaskKind.TABLE: _TRANSFER(
        title="{number_kind}转递信息表",
        run=partial(make_file, write=workbooks.write_table, is_workbook=True),
        soon=1000,
    ),
    TaskKind.POSTING_LIST: _TRANSFER(
        title="寄档清单",
        run=partial(make_file, write=workbooks.write_posting_list, is_workbook=True),
        soon=1000,
    ),
    TaskKind.SLIPS: _TRANSFER(
        title="档案转递单",
        run=partial(make_file, write=mail_slips.write_slips, is_workbook=False),
        **_SLIPS,
    ),
    TaskKind.LABELS: _TRANSFER(
        title="地址标签",
        run=partial(make_file, write=address_labels.write_labels, is_workbook=False),
        **_ADDRESSES,
    ),
    **{
        kind: _TRANSFER(
            title=f"信封（{size}）",
            run=partial(
                make_file,
                write=partial(address_labels.write_envelopes, size=size),
                is_workbook=False,
            ),
            **_ADDRESSES,
        )
        for kind, size in (
            (TaskKind.ENVELOPES_ZL, "ZL"),
            (TaskKind.ENVELOPES_C4, "C4"),
        )
    },
    TaskKind.REPORTS: _TRANSFER(
        title="{number_kind}转递报告",
        run=partial(make_file, write=report_files.write_reports, is_workbook=False),
        soon=40,
        most=5_000,
    ),
    TaskKind.GRADUATES: name_list("毕业生登记确认情况", name_lists.write_graduates),
    TaskKind.LEFT_OUT: name_list("未列入上报名单", name_lists.write_left_out),
    TaskKind.AGREEMENTS: name_list("就业协议", name_lists.write_agreements),
    TaskKind.IMPORT_PEOPLE: name_list("导入核对结果", import_lists.write_people),
    TaskKind.STATISTICS: _FILE(
        label="统计",
        title="毕业去向统计",
        run=partial(make_file, write=statistics_workbooks.write_of_school, is_workbook=True),
        soon=COUNTED_SOON,
    ),
    TaskKind.ROSTER_IMPORT: Procedure(
        label="导入",
        title="{file_name}",
        run=roster_steps.check_or_apply,
        audited=roster_steps.audited,
        given_up="多次尝试都没有完成，请重新上传。如仍然如此，请联系平台。",
        given_up_in={TaskState.UNDOING: "多次尝试均未撤销成功，数据未改动，请联系平台。"},
        state_titles=IMPORT_TITLES,
    ),
    TaskKind.COURIER_LIST: Procedure(
        label="寄送",
        title="{file_name}",
        run=courier_steps.check_or_note,
        audited=courier_steps.audited,
        given_up="多次尝试都没有完成，请重新上传。如仍然如此，请联系平台。",
        state_titles=COURIER_TITLES,
    ),
    TaskKind.INVITATIONS: Procedure(
        label="批量邀请",
        title="{file_name}",
        run=invitation_steps.check_or_send,
        audited=invitation_steps.audited,
        given_up="多次尝试都没有完成，请重新上传。如仍然如此，请联系平台。",
        state_titles=INVITING_TITLES,
    ),
    TaskKind.REVIEW: Procedure(
        label="审核",
        title="批量审核",
        run=review_steps.look_or_decide,
        audited=review_steps.audited,
        given_up="多次尝试都没有完成，已审核的结果有效，其余申请没有变动。请重新选择后审核。",
        state_titles=REVIEWING_TITLES,
    ),
    TaskKind.AUDIT_LOG: Procedure(
        label="导出",
        title="操作日志",
        run=partial(
            make_own_file,
            write=audit_export.write_audit_log,
            keeping=_OWN_WORKBOOK,
        ),
        audited=audit_export.audited,
        given_up="多次尝试都没有完成，请缩小时间范围再导出。如仍然如此，请联系平台。",
        soon=5000,
        most=1_000_000,
    ),
    TaskKind.PROVINCE_LIST: Procedure(
        label="导出",
        title="{title}",
        run=partial(
            make_own_file,
            write=province_files.write_list,
            keeping=_OWN_WORKBOOK,
        ),
        audited=province_files.audited_list,
        given_up="多次尝试都没有完成，请按学校或批次分次导出。如仍然如此，请联系平台。",
        soon=500,
        most=300_000,
    ),
    TaskKind.PROVINCE_STATISTICS: Procedure(
        label="统计",
        title="{title}",
        run=partial(
            make_own_file, write=statistics_workbooks.write_of_province, keeping=_OWN_WORKBOOK
        ),
        audited=statistics_workbooks.audited_of_province,
        given_up="多次尝试都没有完成，请稍后重新导出。如仍然如此，请联系平台。",
        soon=COUNTED_SOON,
    ),
    TaskKind.INVITATION_LIST: Procedure(
        label="导出",
        title="签约邀请",
        run=partial(make_own_file, write=invitation_list.write_invitations, keeping=_OWN_WORKBOOK),
        audited=invitation_list.audited,
        given_up="多次尝试都没有完成，请稍后重新导出。如仍然如此，请联系平台。",
        soon=5000,
    ),
    TaskKind.FORWARDING: Procedure(
        label="转报",
        title="转报文件",
        run=province_files.make_forwarding,
        audited=province_files.audited_forwarding,
        given_up="多次尝试都没有完成，请取消后分批转报。如仍然如此，请联系平台。",
        soon=500,
    ),
}
"""All kinds but those that need what is above the record (`notifier.campaigns.recipient_lists`):
results of a campaign and whom it does not reach, her own copy, imports that are undone."""

TRANSFERS = {
    Kind.FILE: (
        *(TaskKind.NUMBERS, TaskKind.TABLE, TaskKind.POSTING_LIST, TaskKind.SLIPS),
        *(TaskKind.LABELS, TaskKind.ENVELOPES_ZL, TaskKind.ENVELOPES_C4, TaskKind.REPORTS),
    ),
    Kind.HOUSEHOLD: (TaskKind.NUMBERS, TaskKind.TABLE, TaskKind.REPORTS),
}
"""What is done for which kind of number: only files are posted."""
