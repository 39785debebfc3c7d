"""The official code tables of the field: what a code means, and which code a name stands for.

Sources: the code tables of the national employment data standard, GB/T 2261.1 (sex), GB/T 3304
(ethnicity), GB/T 4658 (level), GB/T 4762 (political status), GB/T 4754 (industry); their own names
are read beside the titles. Three-digit categories are those seen in exports for
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
    return text.compared(name).replace(",", "、").replace("其它", "其他")


def _names(code_and_names: str) -> dict[str, str]:
    """Return the code by name, from lines of a code and the names that are met for it."""
    lines = (line.split() for line in code_and_names.strip().splitlines())
    return {name: code for code, *names in lines for name in names}


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
    _names(
        """
        10 签就业协议 签订就业协议 签订就业协议形式就业 签就业协议就业 就业协议
        11 签劳动合同 签订劳动合同 签订劳动合同形式就业 签劳动合同就业 劳动合同
        12 其他录用 其他录用形式
        27 科研助理 管理助理 科研助理(管理助理) 科研助理或管理助理
        46 应征入伍 参军入伍 参军 入伍 义务兵
        512 选调生
        75 创业
        76 自由职业者
        80 国内升学 境内升学 考研 读研
        801 升学(研究生)
        802 升学(第二学士学位) 第二学位 二学位
        85 境外留学 出国 出境 出国出境 出国留学 境外升学 留学
        70 求职中 签约中 拟参加公招考试 拟创业 拟应征入伍 未就业
        71 拟升学 不就业(拟升学)
        72 暂不就业 拟出国出境
        """
    ),
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
    _names(
        """
        10 党政机关
        20 科研单位 科研院所 科研设计
        21 高等学校 高等院校 高校 高等教育
        22 中小学 中等、初等教育单位 中初等教育单位 中等和初等教育单位
        23 医疗卫生 医疗机构 医院
        31 国企 国有及国有控股企业
        32 外资企业 中外合资企业
        39 民营企业 私营企业 民企
        40 军队
        55 建制村 农村 行政村
        56 社区 城镇社区居委会
        """
    ),
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
    _names(
        """
        11 农林牧渔业 农林牧渔
        23 电力、热力、燃气及水的生产和供应业 电力、燃气及水的生产和供应业
        31 批发与零售业
        32 交通运输仓储和邮政业
        33 住宿与餐饮业 住宿餐饮业
        34 信息传输、计算机服务和软件业 信息传输软件和信息技术服务业
        37 租赁与商务服务业
        38 科学研究、技术服务和地质勘查业 科学研究与技术服务业
        41 居民服务和其他服务业 居民服务、修理与其他服务业
        42 教育业
        43 卫生、社会保障和社会福利业 卫生与社会工作
        44 文化、体育与娱乐业 文化体育和娱乐业
        45 公共管理和社会组织 公共管理、社会保障与社会组织
        80 部队
        """
    ),
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
    _names(
        """
        01 博士 博士生 博士研究生 博士研究生毕业 博士毕业
        03 博士（结业） 博士结业 博士研究生结业
        11 硕士 硕士生 硕士研究生 硕士研究生毕业 硕士毕业
        13 硕士（结业） 硕士结业 硕士研究生结业
        19 硕士（肄业） 硕士肄业 硕士研究生肄业
        21 研究生班 研究生班毕业
        25 第二学士学位 第二学士学位毕业 第二学位 二学位
        26 第二学士学位（结业） 第二学士学位结业 第二学位结业
        31 本科 本科生 大学本科 本科毕业 大学本科毕业 普通本科 专升本
        33 本科（结业） 本科结业 大学本科结业
        39 本科（肄业） 本科肄业 大学本科肄业
        41 专科 专科生 大专 大专生 大学专科 专科毕业 大专毕业 大学专科毕业 普通专科
        43 专科（结业） 专科结业 大专结业 大学专科结业
        49 专科（肄业） 专科肄业 大专肄业 大学专科肄业
        61 高职(专科) 高职高专 高职专科 高职毕业 高等职业教育
        """
    ),
)

SEX = CodeTable("性别", {"1": "男", "2": "女"}, _names("1 男性 男生\n2 女性 女生"))

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
    {
        **{name: f"{number:02}" for number, name in enumerate(_ETHNICITIES, 1)},
        **_names(
            """
            02 蒙 蒙族
            05 维 维族
            20 僳僳族 栗僳族
            36 毛难族
            43 乌兹别克族
            46 崩龙族
            97 其他民族 其他族 未识别 未识别民族 未定族称 未定族称人口
            97 穿青人 穿青 革家人 亻革家人 僜人 夏尔巴人
            98 外国血统中国籍人士 外国血统中国籍 外国人入中国籍 入籍
            """
        ),
    },
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
    _names(
        """
        01 党员 正式党员 中国共产党党员 中国共产党正式党员 中共正式党员
        02 预备党员 中国共产党预备党员
        03 团员 中国共产主义青年团团员 共产主义青年团团员 中国共青团团员
        04 民革 民革党员 中国国民党革命委员会会员 中国国民党革命委员会党员
        05 民盟 中国民主同盟盟员
        06 民建 中国民主建国会会员
        07 民进 中国民主促进会会员
        08 农工党 农工民主党 农工民主党党员 中国农工民主党党员
        09 致公党 中国致公党党员
        10 九三学社 九三社员
        11 台盟 台湾民主自治同盟盟员
        12 无党派 无党派人士
        13 普通群众 普通公民 普通居民 群众(现称普通居民) 群众(现称普通公民)
        """
    ),
)

TRAINING_MODE = CodeTable(
    "培养方式",
    {"1": "非定向", "2": "定向", "3": "在职", "4": "委培", "5": "自筹"},
    _names(
        """
        1 统招 国家计划 非定向就业 非定向培养 非定向生 国家任务
        2 定向培养 定向就业 定向生
        3 在职培养 在职人员
        4 委托培养 委培生
        5 自筹经费 自筹经费培养
        """
    ),
)

TEACHER_TRAINEE = CodeTable(
    "师范生类别",
    {"1": "普通师范生", "12": "公费师范生", "2": "非师范生"},
    _names(
        """
        1 师范生 师范 普通师范
        12 免费师范生 免费(公费)师范生 公费师范 国家公费师范生
        2 非师范 非师范类
        """
    ),
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
    _names(
        """
        0 非困难 不困难
        2 家庭经济困难 经济困难
        4 残疾生
        7 就业困难和家庭困难并残疾
        """
    ),
)
