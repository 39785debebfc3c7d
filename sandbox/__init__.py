"""A stand-in for the WeChat platform and an SMS provider, to develop, show and test against."""

from sandbox.config import Config
from sandbox.serving import serve

__all__ = ["Config", "serve"]
