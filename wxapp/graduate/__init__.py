"""Graduates' pages: what is registered of her, her answer to it, her messages."""

from flask import Blueprint

blueprints: tuple[Blueprint, ...] = ()
