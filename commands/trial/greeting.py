"""What the demo says when it is up: where to click, who one can be. Chinese first, then English."""

import shutil
import sys
from typing import Any

from commands.trial.people import WORK_NUMBERS, Account, Person
from commands.trial.running import Trial


def facts(trial: Trial) -> dict[str, Any]:
    """Return the same for programs."""
    return {
        "pages": trial.settings.public_url,
        "console": f"{trial.settings.public_url}/login",
        "sandbox": trial.sandbox_url,
        "data": str(trial.home.folder),
        "province_key": str(trial.home.province_key),
        "province_records": str(trial.home.province_records),
        "settings": str(trial.home.settings_file),
        "accounts": [vars(each) for each in trial.people.accounts],
        "people": [vars(each) for each in trial.people.persons],
    }


def words(trial: Trial) -> str:
    """Return the greeting."""
    url = trial.settings.public_url
    lines = [
        "",
        "去向 Quxiang 已就绪  is ready",
        "",
        "试试这三步  three things to try",
        "",
        "1. 毕业生的手机（微信沙箱）  a graduate's phone, in a stand-in for WeChat",
        f"   {trial.sandbox_url}/",
        *(_person(trial.sandbox_url, each) for each in trial.people.persons),
        "   关注 → 菜单“毕业生—去向登记” → 填姓名和证件号码 → 短信验证码在手机页上",
        "   follow, open the menu, bind by name and identity number; the phone shows the code",
        "",
        "2. 查验页面  the receivers' page",
        f"   {url}/verify",
        "   在手机上“核对确认”，再到“核验授权”取得编号，到这里输入姓名和编号",
        "   confirm and authorize on the phone, then look the number up with the name",
        "",
        "3. 学校管理端  the school's console",
        f"   {url}/login",
        *_accounts(trial),
        "",
        *_more(trial),
        "",
        f"数据与日志  data and logs: {trial.home.folder}",
        "按 Ctrl-C 结束  Ctrl-C ends it",
        "",
    ]
    return "\n".join(lines)


def _accounts(trial: Trial) -> list[str]:
    return [
        *(_account(each) for each in trial.people.accounts),
        "   消息与提醒 → 新建提醒，发给未确认的毕业生，卡片随即到他们的手机",
        "   remind those who have not confirmed: the cards are on their phones at once",
        "   也可以用统一身份认证、企业微信（由沙箱扮演）登录，工号如下",
        "   a campus and its WeCom, which are played, sign these in by their numbers, too",
        *(f"   {login:<12} {number}" for login, number in WORK_NUMBERS.items()),
        "   演示只用密码登录；二次验证在“我的账号”开启",
        "   here a password is enough; a second factor is turned on behind your name",
    ]


def _more(trial: Trial) -> list[str]:
    program = _program()
    return [
        "还可以（另开一个终端）  and in another terminal",
        f"   {program} tour",
        "   完整流程演示，每一步附证明  the whole story by itself, each step with its proof",
        f"   {program} province push {trial.home.province_records} \\",
        f"     --key {trial.home.province_key} --url {trial.settings.public_url}",
        "   省级系统接口  the interface of a province's own system",
    ]


def _program() -> str:
    """Return what starts a command of ours here: `make run` has it where no shell looks."""
    return sys.argv[0] if shutil.which(sys.argv[0]) else "quxiang"


def _account(account: Account) -> str:
    return f"   {account.login:<12} {account.password:<16} {account.title}"


def _person(sandbox_url: str, person: Person) -> str:
    return f"   {sandbox_url}/phone/{person.openid}  {person.name} {person.identity_number}"
