"""A bucket keeps what it is given, asked as S3 wants to be asked, and is believed in nothing else.

With `QUXIANG_TEST_BUCKET` the first of these asks a real object store.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from registry.base.clock import utc_now
from registry.base.objects import ObjectMissing, StoreAway
from runtime.object_store import Bucket, BucketAccess, signed_headers
from tests.buckets import BucketHost, bucket_elsewhere, running_bucket

CONTENT = bytes(range(256)) * 5000


@pytest.fixture
def host() -> Iterator[BucketHost]:
    with running_bucket() as host:
        yield host


def test_what_is_put_is_given_back_until_it_is_deleted(host: BucketHost) -> None:
    bucket = Bucket(bucket_elsewhere() or host.access, utc_now)
    bucket.put("k1/a-name_with~all", b"before")
    bucket.put("k1/a-name_with~all", CONTENT)
    assert bucket.get("k1/a-name_with~all") == CONTENT
    bucket.delete("k1/a-name_with~all")
    bucket.delete("k1/a-name_with~all")
    with pytest.raises(ObjectMissing):
        bucket.get("k1/a-name_with~all")


def test_a_store_that_refuses_is_away_and_has_not_lost_anything(host: BucketHost) -> None:
    bucket = Bucket(host.access, utc_now)
    bucket.put("k1/name", CONTENT)
    host.refuses = True
    with pytest.raises(StoreAway) as refused:
        bucket.get("k1/name")
    assert refused.value.why == "503 SlowDown"
    host.refuses = False
    assert bucket.get("k1/name") == CONTENT


def test_a_wrong_secret_is_refused_and_said_nowhere(
    host: BucketHost, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = replace(host.access, secret=SecretStr("another secret"))
    with pytest.raises(StoreAway) as refused:
        Bucket(wrong, utc_now).put("k1/name", CONTENT)
    said = f"{refused.value!r} {refused.value.__context__!r} {capsys.readouterr().out}"
    assert refused.value.why == "403 SignatureDoesNotMatch"
    assert "another secret" not in said
    assert "k1/name" not in said


def test_a_store_that_is_not_there_is_away() -> None:
    nowhere = BucketAccess("http://127.0.0.1:9/bucket", "r", "id", SecretStr("secret"))
    with pytest.raises(StoreAway) as refused:
        Bucket(nowhere, utc_now).get("k1/name")
    assert refused.value.why == "ConnectionError"


def test_it_signs_as_the_sdk_does() -> None:
    """The signature is botocore's (1.44.8, S3SigV4Auth), of the same request at the same moment."""
    access = BucketAccess(
        "https://bucket.cos.ap-beijing.myqcloud.com",
        "ap-beijing",
        "AKIDEXAMPLE",
        SecretStr("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
    )
    at = datetime(2026, 6, 10, 2, 3, 4, tzinfo=UTC)
    url = f"{access.url}/k1/a-name_with~all"
    assert signed_headers(access, "PUT", url, b"sealed", at)["Authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260610/ap-beijing/s3/aws4_request, "
        "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
        "Signature=c1319f119224dfdcc1f0212564ac80301e26510ae5dde9a48ef38ceca5baede4"
    )
