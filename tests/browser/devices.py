"""What pages are looked at on."""

PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
NARROW = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
"""A phone of today; `PHONE` is a small one."""
DESK = {"viewport": {"width": 1280, "height": 800}}
