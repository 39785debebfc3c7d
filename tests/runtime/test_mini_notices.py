"""The setting of one-time notices says which template serves which message, or why it is wrong."""

import pytest
from pydantic import TypeAdapter, ValidationError

from runtime.mini_notices import MiniNotices

IDS = [str(each) * 43 for each in range(4)]
READ = TypeAdapter(MiniNotices)


def test_each_kind_has_its_template() -> None:
    read = READ.validate_python(f"review_result:{IDS[0]}, signing_invitation:{IDS[1]}")
    assert read == (("review_result", IDS[0]), ("signing_invitation", IDS[1]))
    assert READ.validate_python("") == ()


@pytest.mark.parametrize(
    "wrong",
    [
        "review_result",
        "review_result:short",
        f"审核:{IDS[0]}",
        f"a:{IDS[0]},a:{IDS[1]}",
        f"a:{IDS[0]},b:{IDS[0]}",
        ",".join(f"kind_{'abcd'[each]}:{IDS[each]}" for each in range(4)),
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError):
        READ.validate_python(wrong)
