"""What is said when something cannot be done: one translation for people, one for programs."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from jinja2 import UndefinedError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError

from registry.base.crypto import UnreadableValue
from registry.base.database_errors import is_of_another_version
from registry.base.errors import RuleError
from wxapp.core import health, proof, record_choice, unsent, who
from wxapp.core.browser_session import browser
from wxapp.core.incoming import UnreadableInput
from wxapp.core.logs import note_error, request_id
from wxapp.core.problems import problem
from wxapp.core.refusals import status_of
from wxapp.core.targets import target_of


@dataclass(frozen=True)
class Explanation:
    """The words of an error page."""

    title: str
    sentence: str


MINI_PROGRAM = "mini"
"""The blueprint that the mini program calls: it shows the sentence."""
SERVER_TROUBLE = Explanation(
    "系统出现故障", "这不是您的操作造成的。请稍后再试；如果一直这样，请把下面的编号告诉学校。"
)
EXPLANATIONS = {
    400: Explanation("提交未成功", "请返回上一页，刷新后再试一次。"),
    401: Explanation("请先登录", "登录之后就可以继续。"),
    403: Explanation("没有权限查看", "当前账号没有这项权限。如果您确实需要，请联系学校管理员。"),
    404: Explanation("页面不存在或链接已失效", "请核对网址，或从首页重新进入。"),
    405: Explanation("页面无法直接打开", "请从首页重新进入。"),
    413: Explanation("提交内容过大", "请减小文件或文字后再提交。"),
    429: Explanation("操作过于频繁", "请稍等一分钟再试。"),
    500: SERVER_TROUBLE,
    503: Explanation("系统正忙", "暂时无法连接数据库，内容没有保存。请一分钟后再试。"),
}
NOT_OPENED = Explanation("页面无法打开", "请返回上一页，刷新后再试一次。")
"""What 400 is called where nothing was sent, only asked for."""
BEING_UPGRADED = Explanation(
    "系统正在升级",
    "数据库尚未更新到当前版本，内容没有保存。请稍后再试；管理员请运行 quxiang db upgrade。",
)
BEING_REPLACED = Explanation(
    "系统正在升级", "这里有新版本写入的内容，当前版本无法识别，没有办理。请一分钟后再试。"
)
UNREADABLE = Explanation(
    "内容里有无法保存的字符", "其中有一个看不见、也无法保存的字符。请返回上一页，删除后重新输入。"
)
OF_ANOTHER_ROW = Explanation(
    "资料无法读取",
    "系统中保存的一项资料与这条记录不一致，为保护个人信息没有显示。请把下面的编号告诉学校，由管理员核查。",
)
UNNAMED = (KeyError, ValueError, UndefinedError)
"""What a page ends in that has no name for a value of the database."""
STALE_PAGE = Explanation("页面已过期", "为了您的信息安全，请返回上一页，刷新后重新提交。")


def _explanation(status: int) -> Explanation:
    if status == HTTPStatus.BAD_REQUEST and request.method in {"GET", "HEAD"}:
        return NOT_OPENED
    return EXPLANATIONS.get(status, SERVER_TROUBLE)


def explain(status: int, explanation: Explanation, code: str = "") -> Response:
    """Return the error page, or its JSON where a program asked; the log names what was refused."""
    g.refused = code or HTTPStatus(status).name.lower()
    if request.path.startswith("/api/"):
        return problem(status, code, explanation.sentence if code else "")
    if request.blueprint == MINI_PROGRAM:
        said = explanation.sentence
        return problem(status, code, said, {"sentence": said})
    if isinstance(request.routing_exception, SecurityError):  # a foreign host: no address is ours
        return Response(explanation.sentence, status, content_type="text/plain; charset=utf-8")
    return Response(_page(status, explanation), status)


def _page(status: int, explanation: Explanation) -> str:
    """Render without the door's own context: the error may have come before its guard."""
    template = current_app.jinja_env.get_template("base/error.html")
    return template.render(status=status, explanation=explanation, request_id=request_id())


def _of_http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if error.response is not None or status < 400:
        return error.get_response()
    answer = explain(status, _explanation(status))
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    return answer


def _of_csrf(_error: CSRFError) -> ResponseReturnValue:
    answer = explain(400, STALE_PAGE, "csrf")
    return unsent.refused() or answer


def _of_unreadable(_error: UnreadableInput) -> ResponseReturnValue:
    return explain(400, UNREADABLE, "unreadable_input")


def _of_sealed_value(error: UnreadableValue) -> ResponseReturnValue:
    """Answer where a sealed value is of another row, or its key is gone: nothing of it is shown."""
    note_error(error)
    return explain(500, OF_ANOTHER_ROW, "unreadable_value")


def _of_rule(error: RuleError) -> ResponseReturnValue:
    status = status_of(error)
    title = _explanation(status).title
    return explain(status, Explanation(title, error.sentence), error.code)


def _of_database(error: DBAPIError) -> ResponseReturnValue:
    note_error(error)
    return _database_trouble(error)


def _of_busy_pool(error: PoolTimeout) -> Response:
    """Every connection is in use, and stays so: as if the database were away."""
    note_error(error)
    return explain(503, EXPLANATIONS[503])


def _database_trouble(error: DBAPIError) -> Response:
    if is_of_another_version(error):
        return explain(503, BEING_UPGRADED)
    if isinstance(error, OperationalError | InterfaceError):
        return explain(503, EXPLANATIONS[503])
    return explain(500, SERVER_TROUBLE)


def _of_all(error: InternalServerError) -> ResponseReturnValue:
    """Answer what nobody foresaw; a value without a name is a newer version's while one comes."""
    cause = error.original_exception or error
    if isinstance(cause, DBAPIError):
        return _database_trouble(cause)
    if isinstance(cause, UNNAMED) and health.is_of_an_older_version():
        return explain(503, BEING_REPLACED, "newer_version")
    return explain(500, SERVER_TROUBLE)


def _to_sign_in(_error: who.SignInNeeded) -> ResponseReturnValue:
    if "HX-Request" in request.headers:
        return "", 401, {"HX-Redirect": url_for("sign_in.form")}
    if request.path.startswith("/api/"):
        return explain(401, EXPLANATIONS[401])
    if request.method == "GET" and request.endpoint:
        browser()["after_sign_in"] = request.full_path.rstrip("?")
    return redirect(url_for("sign_in.form"), 303)


def _to_first_password(_error: who.FirstPassword) -> ResponseReturnValue:
    if "HX-Request" in request.headers:
        return "", 403, {"HX-Redirect": url_for("account.own")}
    return redirect(url_for("account.own"), 303)


def _to_wechat(_error: who.WeChatNeeded) -> ResponseReturnValue:
    """Lead past signing in; what a form brought whose token its view checks is kept first."""
    if request.method == "POST" and (kept := unsent.refused()):
        return kept
    record_choice.keep_message()
    return redirect(url_for("oauth.login", to=target_of(request.endpoint)), 303)


def _to_binding(_error: who.BindingNeeded) -> ResponseReturnValue:
    if request.method == "GET":
        browser()["after_binding"] = target_of(request.endpoint)
    return redirect(url_for("binding.who"), 303)


def _to_proof(error: proof.ProofNeeded) -> ResponseReturnValue:
    return redirect(error.address, 303)


def _of_wrong_role(_error: who.WrongRole) -> ResponseReturnValue:
    return explain(403, EXPLANATIONS[403])


def explain_errors_on(app: Flask) -> None:
    """Register every translation."""
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(CSRFError, _of_csrf)
    app.register_error_handler(UnreadableInput, _of_unreadable)
    app.register_error_handler(UnreadableValue, _of_sealed_value)
    app.register_error_handler(RuleError, _of_rule)
    app.register_error_handler(OperationalError, _of_database)
    app.register_error_handler(InterfaceError, _of_database)
    app.register_error_handler(ProgrammingError, _of_database)
    app.register_error_handler(PoolTimeout, _of_busy_pool)
    app.register_error_handler(500, _of_all)
    app.register_error_handler(who.SignInNeeded, _to_sign_in)
    app.register_error_handler(who.FirstPassword, _to_first_password)
    app.register_error_handler(who.WeChatNeeded, _to_wechat)
    app.register_error_handler(who.BindingNeeded, _to_binding)
    app.register_error_handler(proof.ProofNeeded, _to_proof)
    app.register_error_handler(who.WrongRole, _of_wrong_role)
