"""The confirmation of a destination (登记确认): its states, and the graduate's answer."""
