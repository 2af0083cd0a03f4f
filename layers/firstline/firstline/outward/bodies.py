"""Bodies in S3: deliveries too large for a message, parked deliveries, quarantined events, mails and what hung on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from botocore.exceptions import BotoCoreError, ClientError

from ..model.errors import Malformed, NotFound, Retry

PARKED = "parked/"
OVERSIZED = "oversized/"
QUARANTINE = "quarantine/"
MAIL = "mail/"
"""Where SES puts the mails that it receives."""
ATTACHMENTS = "attachments/"


def attached_at(case_id: str, mail_id: str, number: int) -> str:
    """Where a file lies that hung on a branch's mail: the first one that was kept is number 0."""
    return f"{ATTACHMENTS}{case_id}/{mail_id}/{number}"


class Bodies:
    """One bucket, a prefix for each kind. Raises `Retry` when S3 is out of reach, `NotFound` for a body that is not there."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, key: str, body: bytes) -> None:
        """Keep a body; the same key again writes the same bytes again."""
        try:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=body)
        except (BotoCoreError, ClientError) as error:
            raise Retry("bodies_not_reached") from error

    def attach(self, key: str, data: bytes, *, name: str, media_type: str) -> None:
        """Keep a file of somebody else's: browsers save it under ``name`` and never show it in place."""
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=data,
                ContentType=media_type,
                ContentDisposition=f"attachment; filename*=UTF-8''{quote(name)}",
            )
        except (BotoCoreError, ClientError) as error:
            raise Retry("bodies_not_reached") from error

    def get(self, key: str, *, most: int | None = None) -> bytes:
        """A body's bytes. Raises `Malformed` without reading it when it has more than ``most``."""
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key)
            if most is not None and answer["ContentLength"] > most:
                raise Malformed("too_large")
            body: bytes = answer["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                raise NotFound(f"no body at {key}") from error
            raise Retry("bodies_not_reached") from error
        except BotoCoreError as error:
            raise Retry("bodies_not_reached") from error
        return body

    def holds(self, key: str) -> bool:
        """Whether there is a body."""
        try:
            self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return False
            raise Retry("bodies_not_reached") from error
        except BotoCoreError as error:
            raise Retry("bodies_not_reached") from error
        return True

    def parked(self) -> Iterator[str]:
        """The keys of parked deliveries, in order."""
        try:
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=PARKED):
                for entry in page.get("Contents", ()):
                    yield entry["Key"]
        except (BotoCoreError, ClientError) as error:
            raise Retry("bodies_not_reached") from error

    def delete(self, key: str) -> None:
        """Remove a body that was handed on."""
        try:
            self._client.delete_object(Bucket=self._bucket, Key=key)
        except (BotoCoreError, ClientError) as error:
            raise Retry("bodies_not_reached") from error
