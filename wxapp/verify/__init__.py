"""The receivers' door: pages for everybody who holds a number, and lists for offices."""

from wxapp.verify import links, looking, offices

blueprints = (looking.blueprint, links.blueprint, offices.blueprint)

__all__ = ["blueprints"]
