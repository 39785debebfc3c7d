"""Why a file is not read: what the process that parses it says to the one that asked."""


class UnreadableFile(Exception):
    """The file is not read; `code` says why, `line` or `cell` where."""

    def __init__(self, code: str, place: int | str = "") -> None:
        """Keep the code, and the line or the cell that it is about."""
        super().__init__(code)
        self.code = code
        self.place = place
