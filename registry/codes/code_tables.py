"""The official code tables of the field: what a code means, and which code a name stands for.

Sources: the code tables of the national employment data standard, GB/T 2261.1 (sex), GB/T 3304
(ethnicity), GB/T 4762 (political status). Three-digit categories are those seen in exports for
the graduates of 2024. Codes are text: leading zeros count.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from registry.base import text


@dataclass(frozen=True, eq=False)
class CodeTable:
    """A table of codes: one title each, and the other names that are met for the same code."""

    title: str
    codes: Mapping[str, str]
    also: Mapping[str, str] = field(default_factory=dict)
    """Other names in use, by name."""

    def title_of(self, code: str) -> str:
        """Return the official name of a code, or nothing where there is no such code."""
        return self.codes.get(code, "")

    def known(self, text: str) -> str | None:
        """Return the code as the table writes it (`1` is `01` where codes have two digits)."""
        if text in self.codes:
            return text
        padded = text.zfill(2)
        return padded if padded in self.codes else None

    def code_of(self, name: str) -> str | None:
        """Return the code a name stands for, whatever its brackets and blanks."""
        return self._by_name.get(_folded(name))

    @cached_property
    def _by_name(self) -> dict[str, str]:
        names = [(name, code) for code, name in self.codes.items()]
        found = {_folded(name): code for name, code in reversed(names)}
        return {**{_folded(name): code for name, code in self.also.items()}, **found}


def _folded(name: str) -> str:
    return text.compared(name).replace(",", "、")


CATEGORY = CodeTable(
    "毕业去向",
    {
        "10": "签就业协议形式就业",
        "11": "签劳动合同形式就业",
        "12": "其他录用形式就业",
        "27": "科研助理、管理助理",
        "271": "科研助理、管理助理",
        "46": "应征义务兵",
        "50": "国家基层项目",
        "502": "三支一扶",
        "503": "西部计划",
        "51": "地方基层项目",
        "512": "地方选调生",
        "519": "其他地方基层项目",
        "75": "自主创业",
        "76": "自由职业",
        "80": "升学",
        "801": "研究生",
        "802": "第二学士学位",
        "85": "出国、出境",
        "70": "待就业",
        "71": "不就业拟升学",
        "72": "其他暂不就业",
    },
    {
        "科研助理": "27",
        "管理助理": "27",
        "升学（研究生）": "801",
        "升学（第二学士学位）": "802",
        "境外留学": "85",
        "出国": "85",
        "出境": "85",
        "暂不就业": "72",
        "拟出国出境": "72",
        **dict.fromkeys(("求职中", "签约中", "拟参加公招考试", "拟创业", "拟应征入伍"), "70"),
    },
)

UNIT_NATURE = CodeTable(
    "单位性质",
    {
        "10": "机关",
        "20": "科研设计单位",
        "21": "高等教育单位",
        "22": "中初教育单位",
        "23": "医疗卫生单位",
        "29": "其他事业单位",
        "31": "国有企业",
        "32": "三资企业",
        "39": "其他企业",
        "40": "部队",
        "55": "农村建制村",
        "56": "城镇社区",
    },
    {"党政机关": "10"},
)

UNIT_INDUSTRY = CodeTable(
    "单位行业",
    {
        "11": "农、林、牧、渔业",
        "21": "采矿业",
        "22": "制造业",
        "23": "电力、热力、燃气及水生产和供应业",
        "24": "建筑业",
        "31": "批发和零售业",
        "32": "交通运输、仓储和邮政业",
        "33": "住宿和餐饮业",
        "34": "信息传输、软件和信息技术服务业",
        "35": "金融业",
        "36": "房地产业",
        "37": "租赁和商务服务业",
        "38": "科学研究和技术服务业",
        "39": "水利、环境和公共设施管理业",
        "41": "居民服务、修理和其他服务业",
        "42": "教育",
        "43": "卫生和社会工作",
        "44": "文化、体育和娱乐业",
        "45": "公共管理、社会保障和社会组织",
        "46": "国际组织",
        "80": "军队",
    },
)

JOB_CLASS = CodeTable(
    "工作职位类别",
    {
        "10": "公务员",
        "11": "科学研究人员",
        "13": "工程技术人员",
        "17": "农林牧渔业技术人员",
        "19": "卫生专业技术人员",
        "21": "经济业务人员",
        "22": "金融业务人员",
        "23": "法律专业人员",
        "24": "教学人员",
        "25": "文学艺术工作人员",
        "26": "体育工作人员",
        "27": "新闻出版和文化工作人员",
        "29": "其他专业技术人员",
        "30": "办事人员和有关人员",
        "40": "商业和服务业人员",
        "60": "生产和运输设备操作人员",
        "80": "军人",
        "90": "其他人员",
    },
)

LEVEL = CodeTable(
    "学历",
    {
        "01": "博士生毕业",
        "03": "博士生结业",
        "11": "硕士生毕业",
        "13": "硕士生结业",
        "19": "硕士生肄业",
        "21": "硕班毕业",
        "25": "二学位毕业",
        "26": "二学位结业",
        "31": "本科生毕业",
        "33": "本科生结业",
        "39": "本科生肄业",
        "41": "专科生毕业",
        "43": "专科生结业",
        "49": "专科生肄业",
        "61": "高职",
    },
    {
        "博士": "01",
        "博士研究生": "01",
        "硕士": "11",
        "硕士研究生": "11",
        "第二学士学位": "25",
        "本科": "31",
        "大学本科": "31",
        "专科": "41",
        "大学专科": "41",
        "高职(专科)": "61",
    },
)

SEX = CodeTable("性别", {"1": "男", "2": "女"}, {"男性": "1", "女性": "2"})

_ETHNICITIES = re.split(
    r"\s+",
    "汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 "
    "拉祜 水 东乡 纳西 景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 "
    "怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺",
)

ETHNICITY = CodeTable(
    "民族",
    {
        **{f"{number:02}": f"{name}族" for number, name in enumerate(_ETHNICITIES, 1)},
        "97": "其他",
        "98": "外国血统",
    },
    {name: f"{number:02}" for number, name in enumerate(_ETHNICITIES, 1)},
)

POLITICAL_STATUS = CodeTable(
    "政治面貌",
    {
        "01": "中共党员",
        "02": "中共预备党员",
        "03": "共青团员",
        "04": "民革会员",
        "05": "民盟盟员",
        "06": "民建会员",
        "07": "民进会员",
        "08": "农工党党员",
        "09": "致公党党员",
        "10": "九三学社社员",
        "11": "台盟盟员",
        "12": "无党派民主人士",
        "13": "群众",
    },
    {
        "预备党员": "02",
        "民革": "04",
        "民革党员": "04",
        "民盟": "05",
        "民建": "06",
        "民进": "07",
        "农工党": "08",
        "致公党": "09",
        "九三学社": "10",
        "台盟": "11",
        "无党派人士": "12",
    },
)

TRAINING_MODE = CodeTable(
    "培养方式",
    {"1": "非定向", "2": "定向", "3": "在职", "4": "委培", "5": "自筹"},
    {"委托培养": "4", "定向培养": "2", "统招": "1", "国家计划": "1"},
)

TEACHER_TRAINEE = CodeTable(
    "师范生类别",
    {"1": "普通师范生", "12": "公费师范生", "2": "非师范生"},
    {"免费师范生": "12", "免费(公费)师范生": "12", "师范生": "1"},
)

HARDSHIP = CodeTable(
    "困难生类别",
    {
        "0": "非困难生",
        "1": "就业困难",
        "2": "家庭困难",
        "3": "就业困难和家庭困难",
        "4": "残疾",
        "5": "就业困难和残疾",
        "6": "家庭困难和残疾",
        "7": "就业困难、家庭困难和残疾",
    },
    {"就业困难和家庭困难并残疾": "7"},
)
