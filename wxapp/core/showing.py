"""How values read on screen: Shanghai's time, grouped numbers, masked personal values."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask

from registry.base.clock import SHANGHAI, Clock
from registry.codes import categories
from registry.codes.identity import masked as masked_identity
from registry.codes.identity import masked_phone
from registry.signing.qualified import day_of as last_day

__all__ = ["grouped", "masked_identity", "masked_name", "masked_phone", "show_values_on"]


def long_day(moment: datetime) -> str:
    """Return `2026年05月24日`, as the confirmation page's sentence has it."""
    return moment.astimezone(SHANGHAI).strftime("%Y年%m月%d日")


def day_reader(clock: Clock) -> Callable[[datetime], str]:
    """Return what writes `6月30日`, `2025年6月30日`."""

    def day(value: datetime) -> str:
        local = value.astimezone(SHANGHAI)
        said = f"{local.month}月{local.day}日"
        this_year = local.year == clock().astimezone(SHANGHAI).year
        return said if this_year else f"{local.year}年{said}"

    return day


def moment_reader(clock: Clock) -> Callable[[datetime], str]:
    """Return what writes `今天 09:10`, `6月30日 17:00`, `2025年6月30日 17:00`."""
    day = day_reader(clock)

    def moment(value: datetime) -> str:
        local = value.astimezone(SHANGHAI)
        today = local.date() == clock().astimezone(SHANGHAI).date()
        return f"{'今天' if today else day(value)} {local.hour:02}:{local.minute:02}"

    return moment


def wait_reader(clock: Clock) -> Callable[[datetime], str]:
    """Return what writes since when the oldest of a line waits: `最久已等 3 天`, `今天新增`."""

    def waited(since: datetime) -> str:
        today = clock().astimezone(SHANGHAI).date()
        days = (today - since.astimezone(SHANGHAI).date()).days
        return f"最久已等 {days} 天" if days > 0 else "今天新增"

    return waited


def clock_time(moment: datetime) -> str:
    """Return `17:00`, where the day stands beside it."""
    return f"{moment.astimezone(SHANGHAI):%H:%M}"


def grouped(number: float) -> str:
    """Return 1284 as `1,284`."""
    return f"{number:,}"


def readable_size(size: int) -> str:
    """Return 1500000 bytes as `1.4 MB`, less than one as whole `KB`."""
    return f"{size / 1024**2:.1f} MB" if size >= 1024**2 else f"{-(-size // 1024)} KB"


def masked_name(name: str) -> str:
    """Return 李娟 as `李*`."""
    return name[:1] + "*" * max(len(name) - 1, 1)


def show_values_on(app: Flask, clock: Clock) -> None:
    """Give the templates these filters."""
    app.jinja_env.filters.update(
        day=day_reader(clock),
        moment=moment_reader(clock),
        waited=wait_reader(clock),
        ending=categories.ending,
        level_and_ending=categories.level_and_ending,
        last_day=last_day,
        clock_time=clock_time,
        long_day=long_day,
        grouped=grouped,
        readable_size=readable_size,
        masked_name=masked_name,
        masked_identity=masked_identity,
        masked_phone=masked_phone,
    )
