"""What the demo says when it is up: where to click, who one can be. Chinese first, then English."""

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
    return "\n".join(
        [
            "",
            "去向 Quxiang 已就绪  is ready",
            "",
            "1. 学校管理端  the school's console",
            f"   {url}/login",
            *(_account(each) for each in trial.people.accounts),
            "   也可以用统一身份认证、企业微信（由沙箱扮演）登录，工号如下",
            "   a campus and its WeCom, which are played, sign these in by their numbers, too",
            *(f"   {login:<12} {number}" for login, number in WORK_NUMBERS.items()),
            "   演示只用密码登录；二次验证在“我的账号”开启",
            "   here a password is enough; a second factor is turned on behind your name",
            "",
            "2. 毕业生的手机（微信沙箱）  a graduate's phone, in a stand-in for WeChat",
            f"   {trial.sandbox_url}/",
            *(_person(trial.sandbox_url, each) for each in trial.people.persons),
            "   关注 → 菜单“毕业生—去向登记” → 填姓名和证件号码 → 短信验证码在手机页上",
            "   follow, open the menu, bind by name and identity number; the phone shows the code",
            "",
            "3. 省级系统接口  the interface of a province's own system",
            f"   quxiang province push {trial.home.province_records} \\",
            f"     --key {trial.home.province_key} --url {url}",
            "",
            f"数据与日志  data and logs: {trial.home.folder}",
            "按 Ctrl-C 结束  Ctrl-C ends it",
            "",
        ]
    )


def _account(account: Account) -> str:
    return f"   {account.login:<12} {account.password:<16} {account.title}"


def _person(sandbox_url: str, person: Person) -> str:
    return f"   {sandbox_url}/phone/{person.openid}  {person.name} {person.identity_number}"
