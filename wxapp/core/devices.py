"""What a browser calls itself, in two words: enough for its owner to know it again."""

BROWSERS = {
    "MicroMessenger": "微信",
    "Edg": "Edge",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
"""Word -> name; the first that fits, since most claim to be the later ones too."""
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Macintosh": "Mac",
    "Linux": "Linux",
}


def device_of(user_agent: str) -> str:
    """Return `Windows · Edge`; a part that is not known is left out."""
    known = (_first(SYSTEMS, user_agent), _first(BROWSERS, user_agent))
    return " · ".join(name for name in known if name)


def _first(names: dict[str, str], user_agent: str) -> str:
    return next((name for word, name in names.items() if word in user_agent), "")
