"""New versions while a campaign runs: the tables first, then the hosts, one after another.

The programs are the same; what is new is a migration of the suite's own, which adds what only a
later version would use, and the next, which takes it away again.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import requests
from alembic.script import ScriptDirectory

from faults.oracle import Verdict
from faults.parts import clean_environment
from faults.run import Run, Scenario
from faults.start import MIGRATIONS
from runtime import schema

MIGRATE_SECONDS = 300  # a busy machine is no fault
TRIES = 5
PATIENCE_SECONDS = 5
EXPAND = '''"""Add what a later version will use."""

import sqlalchemy as sa
from alembic import op

revision = "faults_expand"
down_revision = "{head}"


def upgrade() -> None:
    op.create_table("novelty", sa.Column("id", sa.BigInteger(), primary_key=True))
    op.add_column("message", sa.Column("novelty", sa.Text(), nullable=True))
    op.add_column("graduate", sa.Column("novelty", sa.Text(), server_default="new"))
    op.create_index("ix_message_novelty", "message", ["novelty"])
'''
CONTRACT = '''"""Take away what no version uses any more."""

from alembic import op

revision = "faults_contract"
down_revision = "faults_expand"


def upgrade() -> None:
    op.drop_index("ix_message_novelty", "message")
    op.drop_column("graduate", "novelty")
    op.drop_column("message", "novelty")
    op.drop_table("novelty")
'''


VERSIONS = {"faults_expand": EXPAND, "faults_contract": CONTRACT}


def bring_migrations(run: Run, name: str) -> Path:
    """Return the folder with our migrations and one more of the suite's; those before stay."""
    folder = run.house.folder / "migrations"
    if not folder.exists():
        shutil.copytree(schema.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    head = ScriptDirectory(str(schema.FOLDER)).get_current_head()
    text = VERSIONS[name].replace("{head}", str(head))
    (folder / "versions" / f"{name}.py").write_text(text, encoding="utf-8")
    return folder


def _deploy_twice(run: Run) -> None:
    for name, low in zip(VERSIONS, (0.05, 0.5), strict=True):
        run.reach(low, low + 0.1)
        _say(run, "db", "upgrade")  # of the old version: there is nothing to do for it
        folder = bring_migrations(run, name)
        migrate(run, folder)
        _hold_old_hosts_to_readiness(run, folder)
        _roll(run, folder)


def migrate(run: Run, folder: Path) -> None:
    """Migrate with the new version; a lock that is not had in time is asked for again."""
    for _ in range(TRIES):
        if _say(run, "db", "upgrade", migrations=folder).returncode == 0:
            return
    run.hold(False, "the tables could not be migrated while a campaign runs")  # noqa: FBT003 - it did not


def _hold_old_hosts_to_readiness(run: Run, folder: Path) -> None:
    """Hold the old version to running on: ready, and telling what it finds."""
    ready = requests.get(f"{run.house.settings.public_url}/readyz", timeout=PATIENCE_SECONDS)
    run.hold(ready.ok, f"the old web says of newer tables: {ready.text}")
    old = _say(run, "db", "upgrade")
    run.hold(old.returncode == 0, f"the old `db upgrade` says of newer tables: {old.stderr}")
    told = _say(run, "check").stderr  # as a refusal: text messages are not set up here
    run.hold("newer than this program" in told, f"the old `check` does not tell: {told}")
    told = _say(run, "check", migrations=folder).stderr
    run.hold("newer than this program" not in told, f"the new `check` finds itself old: {told}")


def _roll(run: Run, folder: Path) -> None:
    """Replace the hosts one by one: the workers first in the one version, the web in the next."""
    hosts = [*run.house.workers, run.house.web]
    for host in hosts if run.house.web.starts == 1 else hosts[::-1]:
        host.more[MIGRATIONS] = str(folder)
        run.restart(host)
        run.sleep(1)


def _say(
    run: Run, *words: str, migrations: Path = schema.FOLDER
) -> subprocess.CompletedProcess[str]:
    """Run a command of the version that has these migrations."""
    more = {"QUXIANG_ENV_FILE": str(run.house.env_file), MIGRATIONS: str(migrations)}
    command = [sys.executable, "-m", "faults.start", "migrations", *words]
    return subprocess.run(
        command,
        env=clean_environment() | more,
        capture_output=True,
        text=True,
        check=False,
        timeout=MIGRATE_SECONDS,
    )


def _nobody_died(run: Run, verdict: Verdict) -> None:
    """Hold every host to the three starts that it was given."""
    starts = {part.name: part.starts for part in (run.house.web, *run.house.workers)}
    verdict.hold(set(starts.values()) == {3}, f"the hosts were started so often: {starts}")


DEPLOYMENTS = (
    Scenario(
        "deploy",
        "two new versions: tables added, hosts replaced one by one; tables dropped, again",
        _deploy_twice,
        after=_nobody_died,
        hosts=2,
        changes=("migrations",),
        length=30.0,
    ),
)
