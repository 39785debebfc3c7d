"""Ports that no other run takes, on this machine, while one is being played."""

import socket

from commands.ports import any_port


class ClaimedPort:
    """A port nobody listens on, held by a name that only one process can have at a time.

    The port itself cannot be held: whoever is to listen on it comes later, dies and comes again.
    """

    def __init__(self) -> None:
        """Draw until one is free and nobody else's."""
        self._claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.number = any_port()
        while not self._is_ours():
            self.number = any_port()

    def give_back(self) -> None:
        """Let others have it."""
        self._claim.close()

    def _is_ours(self) -> bool:
        try:
            self._claim.bind(f"\0quxiang-faults-{self.number}")
        except OSError:
            return False
        return True
