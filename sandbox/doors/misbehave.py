"""Spoiling an answer on the way out, as a proxy, a network or a bad day would."""

import asyncio
import gzip
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.helpers import content_disposition_header

from sandbox.faults import Behaviour, Fault
from sandbox.media import MediaFile

FOREVER = 3_600
PAGE = "<html><head><title>502</title></head><body><h1>Bad Gateway</h1></body></html>"
# Close with a reset instead of the usual farewell.
NO_LINGER = struct.pack("ii", 1, 0)
SOMEBODY_ELSE = {"Name": "王某某", "IdCard": "11010519491231002X"}
Payload = dict[str, Any]
Spoiler = Callable[[web.Request, Fault, Payload], Awaitable[web.StreamResponse]]


def sent(payload: Payload | MediaFile) -> web.Response:
    """Return an answer as it goes out: JSON, or a file."""
    if isinstance(payload, dict):
        return web.json_response(payload)
    named = content_disposition_header("attachment", filename=payload.name)
    headers = {"Content-Disposition": named, "Content-Type": payload.content_type}
    return web.Response(body=payload.content, headers=headers)


async def misbehave(
    request: web.Request, fault: Fault, payload: Payload | MediaFile
) -> web.StreamResponse:
    """Answer as the fault says; a file that is not only late is spoilt as an empty object."""
    if fault.behaviour is Behaviour.DELAY:
        await asyncio.sleep(fault.seconds)
        return sent(payload)
    said = payload if isinstance(payload, dict) else {}
    return await SPOILERS[fault.behaviour](request, fault, said)


async def _hang(request: web.Request, _fault: Fault, _payload: Payload) -> web.StreamResponse:
    await asyncio.sleep(FOREVER)
    return await _drop(request, _fault, _payload)


async def _errcode(_request: web.Request, _fault: Fault, payload: Payload) -> web.StreamResponse:
    return web.json_response(payload)


async def _status(_request: web.Request, fault: Fault, _payload: Payload) -> web.StreamResponse:
    return web.Response(status=fault.status, text=PAGE, content_type="text/html")


async def _html(_request: web.Request, _fault: Fault, _payload: Payload) -> web.StreamResponse:
    return web.Response(text=PAGE, content_type="text/html")


async def _empty(_request: web.Request, _fault: Fault, _payload: Payload) -> web.StreamResponse:
    return web.Response(text="")


async def _object(_request: web.Request, _fault: Fault, _payload: Payload) -> web.StreamResponse:
    return web.json_response({})


async def _array(_request: web.Request, _fault: Fault, _payload: Payload) -> web.StreamResponse:
    return web.json_response([])


async def _body(_request: web.Request, fault: Fault, _payload: Payload) -> web.StreamResponse:
    body = fault.body.encode()
    if not fault.gzip:
        return web.Response(body=body, content_type="application/json")
    # Without the header that would say so, as some proxies do: clients unfold only what is named.
    return web.Response(body=gzip.compress(body), content_type="application/json")


async def _truncated(_request: web.Request, _fault: Fault, payload: Payload) -> web.StreamResponse:
    whole = json.dumps(payload)
    return web.Response(text=whole[: len(whole) // 2], content_type="application/json")


async def _reset(request: web.Request, _fault: Fault, _payload: Payload) -> web.StreamResponse:
    transport = request.transport
    if transport is not None:
        raw: socket.socket = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        transport.abort()
    return web.Response()


async def _drop(request: web.Request, _fault: Fault, _payload: Payload) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.close()
    return web.Response()


async def _drip(request: web.Request, fault: Fault, payload: Payload) -> web.StreamResponse:
    whole = json.dumps(payload).encode()
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = len(whole)
    await response.prepare(request)
    for place in range(len(whole)):
        await response.write(whole[place : place + 1])
        await asyncio.sleep(fault.seconds / len(whole))
    await response.write_eof()
    return response


async def _other_person(
    _request: web.Request, _fault: Fault, payload: Payload
) -> web.StreamResponse:
    text = payload.get("Response", {}).get("Text")
    if isinstance(text, dict):
        text |= SOMEBODY_ELSE
    return web.json_response(payload)


SPOILERS: dict[Behaviour, Spoiler] = {
    Behaviour.HANG: _hang,
    Behaviour.ERRCODE: _errcode,
    Behaviour.STATUS: _status,
    Behaviour.HTML: _html,
    Behaviour.EMPTY: _empty,
    Behaviour.OBJECT: _object,
    Behaviour.ARRAY: _array,
    Behaviour.BODY: _body,
    Behaviour.TRUNCATED: _truncated,
    Behaviour.RESET: _reset,
    Behaviour.DROP: _drop,
    Behaviour.DRIP: _drip,
    Behaviour.OTHER_PERSON: _other_person,
}
