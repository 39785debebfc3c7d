"""Which WeChat is whose: bound by a code sent to her phone, ended, forgotten."""
