"""What people read of each action that the audit log keeps: the one table of its words."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ActionKind:
    """Actions of one kind, as the log is searched by it."""

    name: str
    title: str
    words: dict[str, str]
    """Action -> what was done."""


SEEN = ActionKind(
    "seen",
    "查看",
    {
        "seen_graduate": "查看了毕业生页面",
        "seen_review": "查看了登记申请",
        "seen_agreement": "查看了就业协议",
        "seen_number": "查看了核验报告预览",
        "seen_form": "打开了信息更正页面",
        "seen_list": "查看了名单",
        "seen_invitation": "查看了签约邀请",
        "seen_termination": "查看了解约申请",
        "searched_identity": "按身份证号查找",
        "evidence_opened": "查看了佐证材料",
        "seen_breach": "查看了举报",
        "breach_file_opened": "查看了举报材料",
        "reveal_identity": "查看了完整身份证号",
        "reveal_phone": "查看了完整手机号",
        "look_up_list": "批量核验",
        "seen_audit": "查看了操作日志",
    },
)
TAKEN = ActionKind(
    "taken",
    "导出和下载",
    {
        "export_graduates": "导出了毕业生名单",
        "export_left_out": "导出了未列入上报名单",
        "export_recipients": "导出了消息接收人名单",
        "export_audit": "导出了操作日志",
        "office_numbers": "批量生成了转递编号",
        "office_table": "生成了转递信息表",
        "office_posting_list": "生成了寄档清单",
        "office_slips": "生成了档案转递单",
        "office_reports": "生成了转递报告",
        "office_graduates": "生成了毕业生名单",
        "office_left_out": "生成了未列入上报名单",
        "office_results": "生成了消息结果名单",
        "office_file": "下载了任务生成的文件",
        "import_people": "下载了导入核对结果",
        "import_refused_rows": "下载了未导入的行",
        "import_undo_people": "下载了不能撤销的名单",
        "transfer_report": "下载了转递报告",
        "agreement_paper": "下载了就业协议书",
    },
)
REFUSED = ActionKind(
    "refused",
    "拒绝和失败",
    {
        "sign_in_failed": "登录失败",
        "refused": "访问被拒绝",
        "reveal_refused": "查看完整号码超过每小时上限，已拒绝",
        "bind_refused": "本人绑定微信未成功",
    },
)
PEOPLE = ActionKind(
    "people",
    "毕业生信息",
    {
        "graduate_added": "新增了这条记录",
        "graduate_corrected": "更正了基本信息",
        "record_ended": "停用了这条记录",
        "record_taken_back": "恢复了这条记录",
        "import_put_back": "撤销了导入对这条记录的更改",
        "graduate.erased": "删除了本人的全部个人信息",
        "registration_corrected": "更正了登记信息",
        "review_pass": "审核通过",
        "review_decline": "审核不通过",
        "review_return": "审核退回",
        "review_decided": "提交了一批审核结果",
        "released_by_province": "省级退回，可以更改",
        "seen_in_person": "当面核对了本人和证件",
        "transfer_number": "生成了转递编号",
    },
)
BINDING = ActionKind(
    "binding",
    "微信绑定",
    {
        "bound": "本人绑定了微信",
        "bound_with_others": "本人已绑定的微信自动关联",
        "end_binding": "填写了解除微信绑定的原因",
        "unbound_by_school": "解除了微信绑定",
        "unbound_by_graduate": "本人解除了微信绑定",
        "unbound_consent_withdrawn": "本人撤回了同意，绑定已解除",
        "unbound_revoked": "本人在微信中撤回了授权，绑定已解除",
        "unbound_account_closed": "本人注销了微信账号，绑定已解除",
        "unbound_identity_corrected": "证件号码更正后解除了微信绑定",
        "unbound_objection": "异议成立，解除了之后的微信绑定",
        "phone_changed": "更改了手机号码",
        "binding_released": "核实本人后允许立即绑定微信",
        "contact_objected": "本人对手机号或微信绑定变更提出异议",
        "objection_upheld": "核实异议成立",
        "objection_dismissed": "核实异议不成立",
    },
)
SIGNING = ActionKind(
    "signing",
    "网上签约",
    {
        "employer_qualified": "登记了用人单位",
        "employer_suspended": "暂停了单位签约",
        "employer_resumed": "恢复了单位签约",
        "employer_registered": "单位自行注册",
        "papers_handed_in": "提交了单位资质材料",
        "school_asked": "申请在学校签约",
        "papers_opened": "查看了单位资质材料",
        "papers_qualify": "通过了单位签约资质",
        "papers_check": "通过了单位招聘资质",
        "papers_return": "退回了单位资质材料",
        "employer_listed": "将单位列入签约黑名单",
        "employer_unlisted": "将单位移出签约黑名单",
        "takeover_asked": "申请变更单位管理员",
        "takeover_objected": "对变更单位管理员提出异议",
        "takeover_granted": "同意变更单位管理员",
        "takeover_declined": "不同意变更单位管理员",
        "signing_settings": "修改了签约设置",
        "invitation_sent": "发出了签约邀请",
        "invitations_uploaded": "上传了批量邀请文件",
        "invitations_approved": "确认了批量邀请",
        "invitations_abandoned": "放弃了批量邀请",
        "invitations_sent": "完成了批量邀请",
        "invitations_result": "下载了批量邀请结果",
        "invitations_export": "导出了签约邀请",
        "invitation_accepted": "本人接受了签约邀请",
        "invitation_refused": "本人拒绝了签约邀请",
        "acceptance_retracted": "本人撤销了应约",
        "termination_ask": "申请了解约",
        "termination_agree": "同意了解约",
        "termination_refuse": "不同意解约",
        "termination_withdraw": "撤回了解约申请",
        "termination_escalate": "解约转学校协调",
        "termination_pass": "学校同意解约，协议解除",
        "termination_decline": "学校不同意解约",
        "termination_overtake": "协议另行结束，解约申请终止",
        "agreement_amended": "单位修改了协议条款",
        "amendment_agreed": "本人同意了修改后的协议",
        "agreement_resubmitted": "本人重新提交了协议",
        "agreement_given_up": "放弃了退回的协议",
        "agreement_fulfilled": "就业协议到期，转为已履行",
        "agreement_voiding_asked": "申请作废就业协议",
        "agreement_voided": "确认作废就业协议",
        "agreement_voiding_refused": "未同意作废就业协议",
        "agreement_voiding_withdrawn": "撤回了作废就业协议的申请",
    },
)
ROSTERS = ActionKind(
    "rosters",
    "导入和上报",
    {
        "import_begun": "上传了导入文件",
        "import_approved": "确认了导入",
        "import_abandoned": "放弃了导入",
        "import_undo_asked": "提出撤销导入",
        "roster_applied": "完成了导入",
        "roster_undone": "完成了撤销导入",
        "batch_sent": "报省级备案",
        "batch_filed": "备案了上报批次",
        "batch_returned": "退回了上报批次",
    },
)
BREACHES = ActionKind(
    "breaches",
    "举报处理",
    {
        "breach_begun": "开始处理举报",
        "breach_answered": "答复了举报",
        "breach_told": "请学校说明情况",
        "breach_explained": "向上级说明了情况",
        "breach_taken_over": "接手了举报",
    },
)
MESSAGES = ActionKind(
    "messages",
    "消息与提醒",
    {
        "campaign_create": "新建了提醒",
        "campaign_rewrite": "修改了提醒",
        "campaign_discard": "删除了提醒",
        "campaign_start": "开始发送提醒",
        "campaign_pause": "暂停了提醒",
        "campaign_resume": "继续发送提醒",
        "campaign_cancel": "取消了提醒",
        "campaign_retry": "重发了未送达的提醒",
        "campaign_probe": "试发了提醒",
        "drive_create": "新建了省级提醒",
        "drive_rewrite": "修改了省级提醒",
        "drive_discard": "删除了省级提醒",
        "drive_start": "开始发送省级提醒",
        "drive_pause": "暂停了省级提醒",
        "drive_resume": "继续发送省级提醒",
        "drive_cancel": "取消了省级提醒",
    },
)
ACCOUNTS = ActionKind(
    "accounts",
    "登录和账号",
    {
        "sign_in": "登录",
        "sign_in_password": "密码正确，待二次验证",
        "factor_wrong": "动态码或备用码错误",
        "factor_on": "开启了二次验证",
        "factor_off": "关闭了二次验证",
        "factor_replace": "更换了二次验证设备",
        "backup_codes_make": "重新生成了备用码",
        "proven_anew": "管理登录设备前再次验证了身份",
        "factor_reset_ask": "申请重置二次验证",
        "factor_reset_withdraw": "撤回了重置二次验证的申请",
        "factor_reset_refuse": "未批准重置二次验证",
        "factor_reset_approve": "批准重置了二次验证",
        "factor_reset": "重置了二次验证",
        "alarm_seen": "确认了查看完整号码的提醒",
        "staff_create": "新建了账号",
        "staff_disable": "停用了账号",
        "staff_enable": "启用了账号",
        "staff_rights": "修改了账号权限",
        "staff_charge": "修改了分管的班级和专业",
        "device_forget": "移除了登录过的浏览器",
        "password_change": "修改了密码",
        "password_give": "重新设置了初始密码",
        "sessions_end": "结束了全部登录",
        "wechat_link": "关联了微信",
        "wechat_unlink": "解除了微信关联",
    },
)
PLACES = ActionKind(
    "places",
    "设置和机构",
    {
        "season_set": "修改了本届设置",
        "notice_publish": "发布了个人信息处理说明",
        "cohort_forgotten": "删除了超过保存期限的毕业生记录",
        "department_rename": "修改了院系名称",
        "department_merge": "合并了院系",
        "school_rename": "修改了学校名称",
        "school_merge": "合并了学校",
        "reason_add": "新增了退回原因",
        "reason_remove": "删除了退回原因",
        "account_pause": "暂停了发送",
        "account_resume": "恢复了发送",
        "templates_sync": "同步了模板",
        "template_enter": "填写了模板",
        "template_overrule": "指定了模板",
        "template_overrule_undo": "取消了指定模板",
        "menu_push": "推送了菜单",
        "reply_change": "修改了自动回复",
        "audit_forgotten": "删除了超过保存期限的操作日志",
    },
)

KINDS = (
    SEEN,
    TAKEN,
    REFUSED,
    PEOPLE,
    BINDING,
    SIGNING,
    BREACHES,
    ROSTERS,
    MESSAGES,
    ACCOUNTS,
    PLACES,
)
"""All there is, in the order of the page's filter."""
WORDS: dict[str, str] = {action: said for kind in KINDS for action, said in kind.words.items()}
"""Action -> what was done."""
LOOKED = frozenset(SEEN.words) | frozenset(TAKEN.words)
"""Actions by which somebody saw data and changed none."""
