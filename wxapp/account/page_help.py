"""What each page of somebody's own account is for, and the source of its rule."""

from wxapp.core.page_help import DATA_SECURITY, PageHelp

HELP = {
    "account.own": PageHelp(
        (
            "可以修改密码、开启二次验证、绑定微信，并查看已登录设备。",
            "有不认识的设备时，请先让它退出，再修改密码。",
            "账号只供本人使用，请勿转借；离岗时由管理员停用。",
        ),
        DATA_SECURITY,
    ),
    "account.members": PageHelp(
        (
            "新增的账号使用初始密码登录，登录后须先换成自己的密码。",
            "人员离岗请及时停用账号，停用后立即不能登录。",
            "新增、停用和重设密码都会记入操作日志。",
        ),
        DATA_SECURITY,
    ),
    "account.factor_resets": PageHelp(
        (
            "同事的手机丢失、备用码也没有时，在这里申请重置。",
            "由一人申请、另一人批准，批准前请当面或打电话核实。",
            "批准后该账号已登录设备全部退出，本人重新设置二次验证。",
        ),
        DATA_SECURITY,
    ),
}
