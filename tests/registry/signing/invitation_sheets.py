"""Spreadsheets of invitations, made and sent as an employer would."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

from python_calamine import CalamineWorkbook

from registry.accounts.tables import Staff
from registry.base import files
from registry.record.tables import Graduate
from registry.roster.problems import Policy
from registry.signing.sheet_plan import InvitationPlan
from registry.tasks import invitation_sheet, invitation_steps, run
from registry.tasks.roster_import import Upload
from registry.tasks.tables import Task
from tests.registry.sheets import as_xlsx
from tests.registry.signing.signwork import Signwork
from tests.registry.staff_context import WorkDesk

BASE = "https://quxiang.example.edu.cn"
ROW: dict[str, str] = {
    "岗位名称": "软件工程师",
    "工作职位类别": "工程技术人员",
    "工作地点": "山东省青岛市市南区",
    "转正后月薪": "9000",
    "试用期（见习期）": "3",
    "试用期月薪": "7500",
    "违约金": "3000",
    "接收档案": "否",
    "接收户口": "否",
}


def row_for(graduate: Graduate, **changed: str) -> dict[str, str]:
    """Return a row that invites a graduate."""
    return {"姓名": graduate.name, "学号": graduate.student_number, **ROW, **changed}


def sheet_of(rows: Sequence[Mapping[str, str]]) -> bytes:
    """Return rows as a workbook."""
    titles = list(dict.fromkeys(title for row in rows for title in row))
    return as_xlsx([titles, *([row.get(title, "") for title in titles] for row in rows)])


@dataclass
class Inviting:
    """An employer who invites by files."""

    work: Signwork
    desk: WorkDesk
    staff: Staff

    def upload(
        self,
        rows: Sequence[Mapping[str, str]] | bytes,
        policy: Policy = Policy.VALID_ROWS,
        staff: Staff | None = None,
    ) -> Task:
        """Upload a file and have it checked."""
        content = rows if isinstance(rows, bytes) else sheet_of(rows)
        who, vault = staff or self.staff, self.desk.vault
        upload = Upload(self.work.campus.school.id, who.id, "邀请.xlsx", content)
        with self.desk.sessions.begin() as session:
            begun = invitation_sheet.begin(session, vault, who, upload, policy, self.desk.clock())
        self.run()
        return self.task(begun)

    def send(self, task: Task) -> Task:
        """Approve what was checked, and have it sent."""
        with self.desk.sessions.begin() as session:
            invitation_sheet.approve(session, task.employer_id or 0, task.key)
        self.run()
        return self.task(task)

    def run(self) -> None:
        """Do all there is to do."""
        while run.run_next(self.desk, BASE):
            pass

    def task(self, task: Task) -> Task:
        """Return a task as it stands now."""
        with self.desk.readers.begin() as session:
            return session.get_one(Task, task.id)

    def plan(self, task: Task) -> InvitationPlan:
        """Return what becomes, or became, of each row."""
        with self.desk.readers.begin() as session:
            found = invitation_steps.plan_of(session, self.desk.vault, self.task(task))
        assert found is not None
        return found

    def outcomes(self, task: Task) -> list[str]:
        """Return the outcome of each row."""
        return [each.outcome.value for each in self.plan(task).rows]

    def result(self, task: Task) -> list[list[str]]:
        """Return the rows of the workbook of results."""
        with self.desk.readers.begin() as session:
            stored = files.find(session, task.of_school, self.task(task).file_id)
            assert stored is not None
            content = files.opened(self.desk.vault, stored)
        sheet = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0)
        return [[str(cell) for cell in row] for row in sheet.to_python()]
