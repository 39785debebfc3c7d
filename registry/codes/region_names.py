"""Whether a region's written name fits its code: rosters carry both, and one of them may be wrong.

Names are written in many ways: 历下区, 济南历下, 山东省济南市市辖区历下区, with the street behind,
or as the region was called before or after its code was abolished. All of these fit. Only a name
that stands for some other region does not.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from registry.base.text import compared
from registry.codes import regions
from registry.codes.code_tables import ETHNICITY

_BETWEEN = re.compile(
    r"市辖区|(?:省|自治区)直辖县级行政(?:区划|单位)|(?:新疆)?生产建设兵团|[省市州县](?=.)|自治区"
)
"""What may stand between two names and says nothing."""
_ANYWHERE = frozenset(
    {"城区", "郊区", "矿区", "市区", "新区", "城关区", "东区", "西区", "南区", "北区", "中区"}
)
"""Names that parts of cities without a code have too: they count where the city has such a code."""
_AUTONOMOUS = re.compile(r"自治[区州县旗]$")
_KIND = re.compile(r"(?:特别行政区|地区|林区|矿区|新区|[省市区县旗盟])$")
_NATION = "|".join(
    sorted((name.removesuffix("族") for name in ETHNICITY.codes.values()), key=len, reverse=True)
)
_NATIONS = re.compile(f"(?:(?:{_NATION}|各)族|蒙古|维吾尔|哈萨克|柯尔克孜|锡伯|塔吉克)+$")
_LONGEST_NAME = 16


@lru_cache(maxsize=16384)
def agrees(code: str, name: str) -> bool:
    """Say whether a written name can be meant by a code, in force or not.

    A name that says less than the code, or more, or that nobody knows, agrees.
    """
    text = _compared(name)
    if _fits(code, regions.own_names(code)[-1:], text):
        return True
    same_area = (code, *regions.successors(code), *regions.predecessors(code))
    if any(_fits(each, _bygone(each, same_area), text) for each in same_area):
        return True
    return not _is_elsewhere(same_area, text)


@lru_cache(maxsize=4096)
def code_of(name: str) -> str | None:
    """Return the code, down to the county, that a written name means; None for none or several."""
    text = _compared(name).replace("市辖区", "")
    found = {
        code
        for start in range(max(len(text) - 1, 0))
        for code in _by_name().get(text[start:], ())
        if regions.is_whole(code) and _is_called(code, text[start:])
        if _after_what_it_lies_in(code, text) in {text[start:], ""}
    }
    return found.pop() if len(found) == 1 else None


def _bygone(code: str, same_area: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names an area has had under a code that no other region there carries today.

    A code that was used again later is of the area by its newest name only.
    """
    names = regions.own_names(code) if code == same_area[0] else regions.own_names(code)[-1:]
    there = {each[:4] for each in same_area}
    return tuple(
        name
        for name in names
        if not any(
            _is_called(each, name) and each[:4] in there and each not in same_area
            for each in _by_name().get(name, ())
        )
    )


def _compared(name: str) -> str:
    return "".join(char for char in compared(name) if char.isalnum()).removeprefix("中国")


def _fits(code: str, names: tuple[str, ...], text: str) -> bool:
    """Say whether a text has one of a region's names, or what it lies in and nothing further."""
    rest = _after_what_it_lies_in(code, text)
    named_above = rest != text
    if not regions.own_names(code):
        return named_above
    for start in (rest, *_after_filling(rest)):
        short = tuple(each for each in map(_short, names) if not _names_longer(code, each, start))
        if start.startswith((*names, *short)):
            return True
    return named_above and not rest


def _names_longer(code: str, short: str, text: str) -> bool:
    """Say whether a text that begins with a short name (大同) names another there (大同市)."""
    prefixes = (text[:length] for length in range(len(short) + 1, _LONGEST_NAME + 1))
    found = (each for prefix in prefixes for each in _by_name().get(prefix, ()))
    return any(each != code and each[:2] == code[:2] for each in found)


def _after_what_it_lies_in(code: str, text: str) -> str:
    for each in regions.above(code):
        rest = _after_name(each, text)
        text = text if rest is None else rest
    return text


def _after_name(code: str, text: str) -> str | None:
    """Return what follows one of a code's names at the start of a text; None where none is."""
    for start in (text, *_after_filling(text)):
        for name in _writings(code):
            if start.startswith(name):
                return start.removeprefix(name)
    return None


def _after_filling(text: str) -> Iterator[str]:
    while filling := _BETWEEN.match(text):
        text = text[filling.end() :]
        yield text


@lru_cache(maxsize=4096)
def _writings(code: str) -> tuple[str, ...]:
    """Return how the names of a code are written, the longest first: 历下区 and 历下."""
    names = regions.own_names(code)
    return tuple(sorted({*names, *map(_short, names)}, key=len, reverse=True))


def _short(name: str) -> str:
    autonomous = _AUTONOMOUS.sub("", name)
    short = _NATIONS.sub("", autonomous) if autonomous != name else _KIND.sub("", name)
    return short if len(short) > 1 else autonomous


def _is_elsewhere(same_area: tuple[str, ...], text: str) -> bool:
    """Say whether a text that does not fit begins with the name of some other region."""
    own = same_area[0][:2]
    for province, name in regions.provinces().items():
        rest = _after_name(f"{province}0000", text)
        if rest is None or province == own:
            continue
        if not rest or text.startswith(name) or _begins_with_another(rest, same_area, province):
            return True
    within = own if _after_name(f"{own}0000", text) is not None else ""
    rests = {text, *(_after_what_it_lies_in(each, text) for each in same_area)}
    return any(_begins_with_another(each, same_area, within) for each in rests)


def _begins_with_another(text: str, same_area: tuple[str, ...], within: str) -> bool:
    """Say whether a text begins with the whole name of a region in a province (of any: empty)."""
    for length in range(2, min(len(text), _LONGEST_NAME) + 1):
        found = _named(text[:length], within, city=same_area[0][:4])
        if found and not any(_overlap(one, each) for one in same_area for each in found):
            return True
    return False


def _named(name: str, within: str, city: str) -> list[str]:
    """Return the codes a whole name stands for: those in force before any abolished ones."""
    found = [each for each in _by_name().get(name, ()) if each.startswith(within)]
    today = [each for each in found if _is_called(each, name)]
    if name in _ANYWHERE:
        return [each for each in today if each.startswith(city)]
    return today or found


@lru_cache(maxsize=1)
def _by_name() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for code in regions.codes():
        for name in regions.own_names(code):
            found.setdefault(name, []).append(code)
    return found


def _is_called(code: str, name: str) -> bool:
    """Say whether a name is that of a region in force, and not one it had before."""
    return regions.in_force(code) and regions.own_names(code)[-1] == name


def _overlap(one: str, other: str) -> bool:
    """Say whether one of two codes lies in the other."""
    short, long = sorted((_significant(one), _significant(other)), key=len)
    return long.startswith(short)


def _significant(code: str) -> str:
    return code.removesuffix("00").removesuffix("00")
