"""`quxiang tour`: play the whole story against a trial of its own, and prove every step."""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from commands.answers import Answer, Refused, runs, say
from commands.ports import any_port
from commands.story import (
    binding,
    breaching,
    canary,
    confirming,
    correcting,
    importing,
    listing,
    moving_on,
    on_paper,
    posting,
    records,
    registering,
    reminding,
    reporting,
    signing,
    terminating,
    verifying,
)
from commands.story.rosters import Somebody, somebody
from commands.story.stage import NotProven, Stage
from commands.story.visitor import Visitor
from commands.trial.running import Wish, running
from registry.base.clock import utc_now
from registry.record.cohort import cohort_in_season
from sandbox.control import Control

GRADUATES = 120
NAMES = (
    "欧阳听雪",
    "司徒远帆",
    "慕容晓楠",
    "上官清禾",
    "诸葛砚秋",
    "东方既白",
    "皇甫知夏",
    "尉迟望舒",
)

STEPS: tuple[tuple[str, Callable[[Stage], None]], ...] = (
    ("1 学校导入名单  a school imports its rosters", importing.play),
    ("2 毕业生在微信里绑定本人  a graduate binds herself in WeChat", binding.play),
    ("3 她核对并答复  she checks and answers", confirming.play),
    ("4 学校看到四种状态  the school sees the states", listing.play),
    ("5 学校提醒未确认的人  the school reminds the others", reminding.play),
    ("6 更正到来  a correction arrives", correcting.play),
    ("7 她登记，学校退回、通过  a graduate registers, the school reviews", registering.play),
    ("8 学校报备，省级备案  the school reports, the province files", reporting.play),
    ("9 授权、核验  a report is authorized and looked up", verifying.play),
    ("10 寄送档案  the school posts her file", posting.play),
    ("11 撤销授权  the consent is taken back", verifying.take_back),
    ("12 她换一个微信来试  she tries another WeChat", binding.try_another_wechat),
    ("13 一人两条毕业记录  a person with two records", records.play),
    ("14 延期毕业、撤销导入  a student is put off, an import undone", moving_on.play),
    ("15 用人单位邀请，她应约，学校审核  an employer invites, she signs", signing.play),
    ("16 她申请解约，单位同意，学校审核  the agreement ends", terminating.play),
    ("17 线下签约：申请、核发、交回、审核  an agreement on paper", on_paper.play),
    ("18 她举报，学校不知道是谁  she reports a breach, unknown to her school", breaching.play),
    ("19 不留痕迹  nobody's data where it must not be", canary.play),
)


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    runs(parser, _tour)


def _tour(_options: argparse.Namespace) -> Answer:
    with tempfile.TemporaryDirectory(prefix="quxiang-tour-") as folder:
        try:
            with played(Path(folder), say) as stage:
                proofs = stage.proofs
        except NotProven as failure:
            raise Refused("not_proven", f"   ✗ {failure}") from None
    return Answer({"steps": len(STEPS), "proofs": proofs}, f"All {len(proofs)} proofs held.")


@contextmanager
def played(folder: Path, tell: Callable[[str], None]) -> Iterator[Stage]:
    """Play the whole story against a demo of its own; it runs on until it is left.

    Raises NotProven where something did not come out as it must.
    """
    with (
        running(Wish(folder, any_port(), GRADUATES, tell)) as trial,
        Control(trial.sandbox_url) as control,
    ):
        stage = Stage(trial, control, tell, Visitor(trial.settings.public_url))
        stage.cast.extend(_cast())
        _play(stage)
        yield stage


def _cast() -> list[Somebody]:
    """Return whom the story is about: all of the cohort in season.

    The last two have registered nothing yet; the first of them graduates in December.
    """
    season = cohort_in_season(utc_now())
    june, december = f"{season}06", f"{season - 1}12"
    cast = [somebody(10 + n, name, june) for n, name in enumerate(NAMES)]
    autumn = somebody(10 + len(NAMES), "申屠听秋").still_seeking(december)
    return [*cast, autumn, somebody(11 + len(NAMES), "令狐映月").still_seeking(june)]


def _play(stage: Stage) -> None:
    for title, play in STEPS:
        stage.say(f"\n{title}")
        try:
            play(stage)
        except LookupError as missing:
            raise NotProven(f"{missing}（{stage.staff.address}）") from missing
