"""Where the application keeps its world."""

from aiohttp import web

from sandbox.world import World

WORLD = web.AppKey("world", World)
