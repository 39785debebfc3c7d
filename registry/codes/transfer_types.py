"""File transfers and household moves: what each is, in a sentence, and which fits which category.

Sources: the operating guide of 2023 (types), the notices on files of 2023 (which type goes with
which destination; the receiver is never the graduate), school notices on household moves.
"""

from dataclasses import dataclass

from registry.codes import categories
from registry.codes.categories import Group

_PLACED = frozenset({Group.EMPLOYED, Group.GRASSROOTS})
_STUDYING = frozenset({Group.STUDY})
_ANY = frozenset(Group)


@dataclass(frozen=True)
class Transfer:
    """A type of file transfer or household move."""

    title: str
    sentence: str
    fits: frozenset[Group]
    elsewhere_impossible: bool = False
    """Whether it is refused where it does not fit; otherwise it is only odd."""
    wants_place: bool = False
    """Whether it has to say where to: the unit of a file, the address of a household."""
    stays: bool = False
    """Whether nothing leaves the school: there is no place to ask for."""
    waits: bool = False
    """Whether it stays for want of a destination: it is asked about anew once there is one."""
    offered: bool = True
    """False for names that are met in files and mean the same as another."""


FILES: tuple[Transfer, ...] = (
    Transfer(
        "签约单位接收",
        "单位有档案管理权，直接寄给单位人事部门。签约前请先问清单位是否接收档案。",
        _PLACED,
        wants_place=True,
    ),
    Transfer(
        "托管单位接收",
        "寄给单位委托的人才服务机构，或您选定的人才服务中心。",
        _ANY - _STUDYING,
        wants_place=True,
    ),
    Transfer(
        "升学外校接收",
        "寄给录取您的学校，地址以录取通知书或调档函为准。",
        _STUDYING,
        elsewhere_impossible=True,
        wants_place=True,
    ),
    Transfer(
        "升学本校",
        "在本校继续读书，档案留在学校。",
        _STUDYING,
        elsewhere_impossible=True,
        stays=True,
    ),
    Transfer("转回生源地", "寄回入学前户籍所在地的公共人才服务机构，随时可查。", _ANY - _STUDYING),
    Transfer(
        "暂存学校",
        "去向未定，先由学校保管，最长两年。",
        _ANY - _STUDYING,
        stays=True,
        waits=True,
    ),
    Transfer(
        "保留原校", "与“暂存学校”相同。", _ANY - _STUDYING, stays=True, waits=True, offered=False
    ),
)

HOUSEHOLDS: tuple[Transfer, ...] = (
    Transfer("户口不在学校", "入学时没有把户口迁到学校，现在也不用迁。", _ANY, stays=True),
    Transfer("迁回生源地", "迁回入学前的户籍所在地。", _ANY, wants_place=True),
    Transfer("回原籍", "与“迁回生源地”相同。", _ANY, wants_place=True, offered=False),
    Transfer("签约单位接收", "迁到单位的集体户，须单位同意接收户口。", _PLACED, wants_place=True),
    Transfer(
        "人才交流中心挂靠",
        "迁到工作地人才服务机构的集体户。",
        _ANY - _STUDYING,
        wants_place=True,
    ),
    Transfer(
        "投亲靠友", "迁到亲友的户口所在地，须当地派出所同意。", _ANY - _STUDYING, wants_place=True
    ),
    Transfer(
        "升学外校接收",
        "迁到录取您的学校。",
        _STUDYING,
        elsewhere_impossible=True,
        wants_place=True,
    ),
    Transfer("留校", "户口暂时留在学校，最长两年。", _ANY, stays=True, waits=True),
)

_FILES = {each.title: each for each in FILES}
_HOUSEHOLDS = {each.title: each for each in HOUSEHOLDS}


def file_type(title: str) -> Transfer | None:
    """Return a type of file transfer by its name."""
    return _FILES.get(title)


def household_type(title: str) -> Transfer | None:
    """Return a type of household move by its name."""
    return _HOUSEHOLDS.get(title)


def files_for(category: str) -> list[Transfer]:
    """Return the file transfers to offer with a category."""
    return _fitting(FILES, category)


def households_for(category: str) -> list[Transfer]:
    """Return the household moves to offer with a category."""
    return _fitting(HOUSEHOLDS, category)


def _fitting(types: tuple[Transfer, ...], category: str) -> list[Transfer]:
    group = categories.category_group(category)
    return [each for each in types if each.offered and group in each.fits]
