"""What each page of the Ministry's console is for, and the source of its rule."""

from wxapp.core.page_help import NOTICE, RATES, PageHelp

_SUM = f"{NOTICE}一（四）（报教育部汇总）"

HELP = {
    "ministry.home": PageHelp(
        (
            "按省份列出毕业生、落实率、确认和备案情况，不显示个人信息。",
            "数字按所选届统计，其他届在页面上方切换。",
            "已备案为各省核查后备案的人数，转报情况见“各省转报”。",
        ),
        _SUM,
    ),
    "ministry.rates": PageHelp(
        (
            "毕业去向落实率按届别对应的口径计算，以现在生效的登记为准。",
            "待就业和暂不就业不计入落实，没有生效去向的计为未登记。",
            "不足 5 人的数字和可据此推算的数字不显示。",
        ),
        RATES,
    ),
    "ministry.forwardings": PageHelp(
        (
            "列出各省已转报的文件，下载后可用公钥核验签名和名单。",
            "回执由各省登记，登记后显示接收和未接收的人数。",
            "每次下载都会记入操作日志，文件请按规定保管。",
        ),
        _SUM,
    ),
    "ministry.syncs": PageHelp(
        (
            "列出使用省级系统的省份中同步异常的学校。",
            "超过 24 小时没有记录，或最近一日未接收的记录达到 5%，提示为异常。",
            "异常由省级就业工作部门和学校处理。",
        ),
        f"{NOTICE}一（一）（通过接口实时同步数据）",
    ),
}
