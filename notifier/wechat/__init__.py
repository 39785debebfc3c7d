"""The gateway to WeChat: tokens, calls, templates, menu, and what WeChat pushes to us."""
