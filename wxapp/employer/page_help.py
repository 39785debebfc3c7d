"""What each page of the employer's console is for, and the source of its rule."""

from wxapp.core.page_help import SIGNING, PageHelp

HELP = {
    "employer.home": PageHelp(
        (
            "列出发出的签约邀请，点击姓名查看条款和办理进度。",
            "毕业生在应约截止日期前应约，逾期未应约的邀请自动失效，可以重新邀请。",
            "应约后由学校审核协议，审核通过即签约完成。",
        ),
        SIGNING,
    ),
    "employer.new_invitation": PageHelp(
        (
            "请先与毕业生谈妥，再凭姓名和学号或本人生成的一次性代码邀请。",
            "核对条款后发出，毕业生在微信中应约或拒绝。",
            "一名毕业生只能签订一份就业协议，已签约的不能再应约。",
        ),
        SIGNING,
    ),
    "employer.sheets": PageHelp(
        (
            "按模板填写后上传，一个文件邀请一所学校的毕业生。",
            "先核对、后发送：核对时不会发出邀请，有问题的行可以下载修改。",
            "确认后才发送，每名毕业生各收到一份邀请。",
        ),
        SIGNING,
    ),
    "employer.terminations": PageHelp(
        (
            "解约由任何一方提出，对方答复后由学校办理。",
            "毕业生申请的，请在答复期限前答复，逾期转学校协调。",
            "贵单位提出的，请在已签约的邀请页面提出并写明原因。",
        ),
        "全国登记系统解约流程",
    ),
    "employer.papers": PageHelp(
        (
            "资质材料由学校或所在省审核，通过后才能邀请签约。",
            "营业执照或授权到期前请重新提交，审核期间原有资质继续有效。",
            "提交前先验证经办人手机号；统一社会信用代码不能更改。",
        ),
        SIGNING,
    ),
}
