"""What to try first, as the sandbox says it above every phone."""


def steps(pages: str) -> list[str]:
    """Return a sentence a step, with links as an account writes them; `pages` is our address."""
    verify, console = (
        f'<a href="{pages}{path}">{words}</a>'
        for path, words in (("/verify", "查验页面"), ("/login", "学校管理端"))
    )
    return [
        "关注公众号，点菜单“毕业生—去向登记”，填写上方的姓名和证件号码。验证码在短信里。",
        "在“核对确认”选“信息无误，确认登记去向”，再到“核验授权”取得编号。",
        f"在{verify}输入编号查验；用终端里的账号登录{console}，给未确认的人发一次提醒，卡片随即到手机。",
    ]
