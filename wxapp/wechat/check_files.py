"""The files under the host by which WeChat's consoles see whose it is (业务域名 and others)."""

from flask import Blueprint, Response, abort
from flask.typing import ResponseReturnValue

from wxapp.core.resources import resources

blueprint = Blueprint("check_files", __name__)


@blueprint.get("/<name>.txt")
def check_file(name: str) -> ResponseReturnValue:
    """Say what a file of that name says, of those that are set."""
    content = dict(resources().settings.wechat_check_files).get(f"{name}.txt")
    if content is None:
        abort(404)
    return Response(content, mimetype="text/plain")
