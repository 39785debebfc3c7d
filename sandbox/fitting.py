"""Whether a value that control is sent may take the place of another."""

MOST = 1e10
"""Of a number: as seconds since 1970 it lies in the year 2286, which every page can still show."""


def fits(value: object, model: object) -> bool:
    """Say whether `value`, read from JSON, is of the kind of `model`, a number finite."""
    if isinstance(value, bool) or isinstance(model, bool):
        return isinstance(value, bool) and isinstance(model, bool)
    if isinstance(model, int | float):
        return isinstance(value, int | float) and abs(value) < MOST
    if isinstance(model, list | tuple):
        return isinstance(value, list) and all(isinstance(each, str | int) for each in value)
    return isinstance(value, type(model))
