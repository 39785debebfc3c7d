"""What to try first, as the sandbox says it above every phone."""

from commands.trial.people import Account


def steps(pages: str, school: Account) -> list[str]:
    """Return a sentence a step, with links as an account writes them.

    `pages` is our address, `school` whose account sends the reminder: whoever tries it here has no
    terminal to look at.
    """
    verify, console = (
        f'<a href="{pages}{path}">{words}</a>'
        for path, words in (("/verify", "查验页面"), ("/login", "学校管理端"))
    )
    account = f"账号 {school.login}，密码 {school.password}"
    third = (
        f"登录{console}（{account}），给未确认的毕业生发一次提醒，"
        "再从左上角换一部“有消息”的手机，查看收到的卡片。"
    )
    return [
        "关注公众号，点菜单“毕业生—去向登记”，填写上方的姓名和证件号码。短信验证码显示在手机上。",
        f"在“核对确认”选“信息无误，确认登记去向”，到“核验授权”取得编号，再到{verify}输入姓名和编号。",
        third,
    ]
