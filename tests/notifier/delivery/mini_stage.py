"""A stage with a mini program: who does not follow the account may have allowed notices there."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pydantic import SecretStr
from sqlalchemy import select, update

from notifier.delivery import mini_notices
from notifier.ledger import mini_allowances
from notifier.ledger.mini_tables import MiniAllowance, MiniNotice, MiniUser
from notifier.ledger.mini_users import MARK
from notifier.ledger.tables import Follower, Message
from notifier.wechat.mini_program import MiniProgram, open_mini_program
from registry.base.database import Base, database_now
from sandbox.account_templates import template_id_of
from sandbox.config import Config
from sandbox.control import NoticeRecord
from sandbox.mini_codes import mini_openid
from tests.notifier.stage import Stage

KINDS = ("confirmation_reminder", "review_result", "registration_changed")
TITLES = ("去向登记确认提醒", "审核结果通知", "登记信息变更通知")
TEMPLATES = {
    kind: template_id_of(Config().mini_app_id, title)
    for kind, title in zip(KINDS, TITLES, strict=True)
}
SEND = "/cgi-bin/message/subscribe/send"
AT = "2026年6月3日 09:12"
REVIEW = f'{{"item": "毕业去向登记", "result": "未通过", "reason": "照片不清楚", "at": "{AT}"}}'


@dataclass
class MiniStage:
    """A school's stage and the mini program beside it."""

    stage: Stage
    mini: MiniProgram

    def allows(self, graduate_id: int, *, kind: str = KINDS[0], times: int = 1) -> str:
        """Let a graduate allow notices in the mini program; return her openid there."""
        openid = self.stage.openids[graduate_id]
        marked = f"{MARK}{mini_openid(openid)}"
        with self.stage.resources.sessions.begin() as session:
            at = database_now(session)
            session.merge(MiniUser(openid=marked, account_openid=openid, seen_at=at))
            session.flush()
            for _ in range(times):
                mini_allowances.allow(session, marked, [TEMPLATES[kind]], at)
        self.stage.sandbox.control.allow_notices(openid, TEMPLATES[kind], times)
        return marked

    def unfollow(self, graduate_ids: Iterable[int]) -> None:
        """Let graduates follow the account no more."""
        openids = [self.stage.openids[each] for each in graduate_ids]
        for each in openids:
            self.stage.sandbox.control.change_phone(each, following=False)
        with self.stage.resources.sessions.begin() as session:
            left = update(Follower).where(Follower.openid.in_(openids))
            session.execute(left.values(subscribed=False))

    def missed(self, whom: int, number: int = 1, **columns: object) -> list[int]:
        """Write messages that did not reach a graduate; return their ids."""
        with self.stage.resources.sessions.begin() as session:
            at = database_now(session)
            rows = [
                Message(
                    **{
                        "client_msg_id": f"{whom:08}{each:024}",
                        "business_key": f"test:{whom}:{each}:{columns}"[:80],
                        "kind": "review_result",
                        "school_id": self.stage.scope.school_id,
                        "graduate_id": whom,
                        "facts": REVIEW,
                        "state": "skipped",
                        "reason": "not_following",
                        "next_at": at,
                        "created_at": at,
                        "final_at": at,
                    }
                    | columns
                )
                for each in range(number)
            ]
            session.add_all(rows)
            session.flush()
            return [each.id for each in rows]

    def send(self) -> int:
        """Let a worker send what is due; return how many it called for."""
        return mini_notices.send_due(
            self.stage.resources, self.mini, seconds=20, stop=lambda: False
        )

    def notices(self) -> list[NoticeRecord]:
        """Return what people see."""
        return self.stage.sandbox.control.notices()

    def rows(self) -> list[tuple[str, str]]:
        """Return state and reason of each notice in the ledger."""
        wanted = select(MiniNotice.state, MiniNotice.reason).order_by(MiniNotice.id)
        with self.stage.resources.readers.begin() as session:
            return [(state, reason) for state, reason in session.execute(wanted)]

    def remaining(self) -> list[int]:
        """Return how many notices are left of each allowance."""
        with self.stage.resources.readers.begin() as session:
            wanted = select(MiniAllowance.remaining).order_by(MiniAllowance.openid)
            return list(session.scalars(wanted))

    def written(self, row: type[Base], **columns: object) -> None:
        """Put every row of a table into a state, as a crash or the past would have."""
        with self.stage.resources.sessions.begin() as session:
            session.execute(update(row).values(**columns))


def with_mini_program(stage: Stage, *, read: bool = True) -> MiniStage:
    """Give the stage a mini program, whose templates were read."""
    config = stage.sandbox.config
    settings = stage.resources.settings.model_copy(
        update={
            "mini_app_id": config.mini_app_id,
            "mini_app_secret": SecretStr(config.mini_app_secret),
            "mini_notices": tuple(TEMPLATES.items()),
        }
    )
    stage.resources = replace(stage.resources, settings=settings)
    mini = open_mini_program(settings, stage.resources.redis, stage.resources.clock)
    assert mini is not None, "the settings name one"
    if read:
        mini_notices.read_templates(stage.resources, mini)
    return MiniStage(stage, mini)
