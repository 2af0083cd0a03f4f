"""The table: reads that a decision may rest on, commits under condition, and the lists that the indexes serve."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import merge
from typing import Any, NamedTuple, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from ..model.base import moment, stamp
from ..model.budget import Budget, Limits
from ..model.case import Case
from ..model.errors import LostRace, Malformed, Retry, UnknownForm
from ..model.records import AuthorCase, ErasedCase
from . import keys
from .found import Found, Report, Rows
from .items import NAMES, OF_PLAYBOOK, RETENTION, Item, Record, from_item, key_of, to_item
from .keys import Key

R = TypeVar("R")
MOST_PER_READ = 100
MOST_PER_COMMIT = 100
LANE_PAGE = 25
"""Of a lane's shard, how many are read at a time: whoever wants the head must not pay for a page of 1 MB."""
OUTBOX_PAGE = 10
BUDGET_TRIES = 10
RACES = frozenset({"ConditionalCheckFailed", "TransactionConflict"})
NEVER = frozenset({"ValidationException", "ValidationError", "ItemCollectionSizeLimitExceeded"})
"""Of the call, and of a part of a transaction: the same records (too large, mostly) are refused every time."""


@dataclass(frozen=True)
class DueRow:
    """A hint from the diary: something under ``key`` may be due. The operation reads again."""

    entity: str
    key: Key
    due: str


@dataclass(frozen=True)
class Reserved:
    """What a reservation gave. ``until`` is None when a call was taken; else nothing was, and calls are possible then."""

    budget: Budget
    until: datetime | None = None


class OutboxRow(NamedTuple):
    """A hint from an outbox: the reply under ``key`` stands at ``place`` (see `keys.outbox_order`)."""

    place: str
    key: Key

    @property
    def severity(self) -> int:
        """0 to 3."""
        return 3 - int(self.place[0])

    @property
    def not_before(self) -> datetime:
        """When its hold-back is over."""
        return moment(self.place.split("#")[1])

    @property
    def target(self) -> datetime | None:
        """When it must have been sent; None: no target, or the row is older than this field."""
        parts = self.place.split("#")
        return moment(parts[2]) if len(parts) > 3 and parts[2] else None


class Table:
    """DynamoDB, single table. All reads by `get` and `read` are strongly consistent; indexes give hints and lists.

    Raises `LostRace` when a condition failed, `Retry` when DynamoDB did not take the call, `Malformed` when it will
    never take these records. A row that cannot be read raises `UnknownForm` for who needs that very row; lists go on
    without it and tell ``unknown``.
    """

    def __init__(
        self,
        client: Any,
        name: str,
        shards: int = 4,
        unknown: Report = lambda _: None,
        kept: Callable[[], Mapping[str, timedelta]] = lambda: RETENTION,
    ) -> None:
        self._client = client
        self._kept = kept
        self._unknown = unknown
        self.name = name
        self.shards = shards

    # -- reads that decisions rest on ----------------------------------------------------------------------------

    def get(self, key: Key) -> Record | None:
        """One record, strongly consistent."""
        with _translated():
            answer = self._client.get_item(TableName=self.name, Key=_wire(key), ConsistentRead=True)
        return from_item(answer["Item"]) if "Item" in answer else None

    def hint(self, key: Key) -> Record | None:
        """One record of a list, strongly consistent: None also when it cannot be read, for the list goes on."""
        try:
            return self.get(key)
        except UnknownForm as error:
            self._unknown(error)
            return None

    def read(self, wanted: Iterable[Key]) -> Found:
        """Many records in chunks of 100, strongly consistent; what DynamoDB leaves unprocessed is asked for again."""
        left = list(dict.fromkeys(wanted))
        found = Found()
        rounds = 0
        while left:
            chunk, left = left[:MOST_PER_READ], left[MOST_PER_READ:]
            with _translated():
                answer = self._client.batch_get_item(
                    RequestItems={self.name: {"Keys": [_wire(key) for key in chunk], "ConsistentRead": True}}
                )
            for item in answer["Responses"].get(self.name, ()):
                found.add(item, self._unknown)
            again = answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", ())
            left += [Key(key["pk"]["S"], key["sk"]["S"]) for key in again]
            rounds += 1 if again else 0
            if rounds > 10:
                raise Retry("table_throttled")
        return found

    def of_case(self, case_id: str, prefix: str = "") -> Rows:
        """All of a case (or what its sort key begins with ``prefix``), in the order of keys, consistent."""
        return self._partition(keys.case(case_id).pk, prefix)

    def of_author(self, author_key: str) -> Rows:
        """An author and the cases that they wrote on, consistent."""
        return self._partition(keys.author(author_key).pk)

    def of_erased(self, of: str) -> Rows:
        """What is known of an erased author or contact by the hash, consistent."""
        return self._partition(keys.silence(of).pk)

    def _partition(self, pk: str, prefix: str = "") -> Rows:
        values: Item = {":pk": {"S": pk}}
        condition = "pk = :pk"
        if prefix:
            values[":sk"] = {"S": prefix}
            condition += " AND begins_with(sk, :sk)"
        pages = self._query(KeyConditionExpression=condition, ExpressionAttributeValues=values, ConsistentRead=True)
        return Rows.of(pages, self._unknown)

    # -- commits -------------------------------------------------------------------------------------------------

    def commit(self, records: Sequence[Record], now: datetime, *, gone: Iterable[Record] = ()) -> None:
        """Write all records or none, each on the condition that it is as it was read (version 0: absent).

        The records in ``gone`` go in the same transaction, on the same condition.
        """
        puts = [self._put(record, now) for record in records]
        deletes = [{"TableName": self.name, "Key": _wire(key_of(record)), **_unchanged(record)} for record in gone]
        if len(puts) == 1 and not deletes:
            try:
                with _translated():
                    self._client.put_item(**puts[0])
            except ClientError as error:
                if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                    raise LostRace(NAMES[type(records[0])]) from error
                if error.response["Error"]["Code"] in NEVER:
                    raise Malformed("not_storable") from error
                raise
            return
        self._transact([*({"Put": put} for put in puts), *({"Delete": delete} for delete in deletes)])

    def _transact(self, changes: list[dict[str, Any]]) -> None:
        try:
            with _translated():
                self._client.transact_write_items(TransactItems=changes)
        except ClientError as error:
            if error.response["Error"]["Code"] in NEVER:
                raise Malformed("not_storable") from error
            if error.response["Error"]["Code"] != "TransactionCanceledException":
                raise
            codes = [reason.get("Code", "None") for reason in error.response.get("CancellationReasons", ())]
            if not codes or RACES & set(codes):
                raise LostRace(",".join(codes)) from error
            if NEVER & set(codes):
                raise Malformed("not_storable") from error
            raise Retry("table_" + ",".join(sorted(set(codes)))) from error

    def remove(self, gone: Iterable[Key]) -> None:
        """Delete what lies under the keys, whatever it is, a hundred at a time; what is not there is gone already. A crash
        in between leaves the rest: it may be said again."""
        left = list(dict.fromkeys(gone))
        while left:
            some, left = left[:MOST_PER_COMMIT], left[MOST_PER_COMMIT:]
            self._transact([{"Delete": {"TableName": self.name, "Key": _wire(key)}} for key in some])

    def replace(self, record: Record, by: Record | None, now: datetime) -> None:
        """Delete a record as it was read, and put another in its place. Raises `LostRace` when it was changed."""
        self.commit([by] if by is not None else [], now, gone=[record])

    def keys_of_case(self, case_id: str) -> list[Key]:
        """The keys of all that a case has, whether it can be read or not."""
        pages = self._query(
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": keys.case(case_id).pk}},
            ConsistentRead=True,
        )
        return [Key(item["pk"]["S"], item["sk"]["S"]) for item in pages]

    def _put(self, record: Record, now: datetime) -> dict[str, Any]:
        kept = self._kept() if isinstance(record, OF_PLAYBOOK) else RETENTION
        item = to_item(record, now, self.shards, kept)
        return {"TableName": self.name, "Item": item, **_unchanged(record)}

    def reserve(
        self, channel: str, account: str, endpoint: str, limits: Limits, now: datetime, known: Budget | None = None
    ) -> Reserved:
        """Take one call out of each window of the account's budget before it is made; a crash forfeits it.

        Windows that are over begin anew. ``known``: the budget as it was just read, which spares a refused update.
        """
        key = keys.budget(channel, account, endpoint)
        found = known or self.get(key)
        present = found if isinstance(found, Budget) else None
        for _ in range(BUDGET_TRIES):
            if present is None or any(each.resets_at <= now for each in present.windows.values()):
                begun = present or Budget(channel=channel, account=account, endpoint=endpoint)
                fresh = begun.rolled(limits, now)
                if fresh.opens_at(now) is None:
                    try:
                        self.commit([fresh.taken()], now)
                        return Reserved(fresh.taken().model_copy(update={"version": fresh.version + 1}))
                    except LostRace:
                        pass
            elif not present.windows.keys() >= limits.keys():
                present = present.rolled(limits, now)  # a limit that was not documented when the window began
                try:
                    self.commit([present], now)
                except LostRace:
                    pass
            elif present.opens_at(now) is None:
                taken = self._count_windows(key, present, -1, now)
                if taken is not None:
                    return Reserved(taken)
            found = self.get(key)
            present = found if isinstance(found, Budget) else None
            until = present.opens_at(now) if present is not None else None
            if present is not None and until is not None:
                return Reserved(present, until)
        raise Retry("budget_contended")

    def give_back(self, budget: Budget, now: datetime) -> None:
        """The call that was reserved was not made: the windows get it back, unless they are others by now."""
        self._count_windows(keys.budget(budget.channel, budget.account, budget.endpoint), budget, 1, now)

    def _count_windows(self, key: Key, budget: Budget, calls: int, now: datetime) -> Budget | None:
        """Add calls to all windows at once, if they still are these and (when taking) have room; else None."""
        names: dict[str, str] = {"#windows": "windows"}
        values: Item = {":calls": {"N": str(calls)}, ":one": {"N": "1"}, ":count": {"N": str(len(budget.windows))}}
        sets = ["version = version + :one"]
        conditions = ["size(#windows) = :count"]
        for number, (name, window) in enumerate(budget.windows.items()):
            names[f"#w{number}"] = name
            values[f":r{number}"] = {"S": stamp(window.resets_at)}
            sets.append(f"#windows.#w{number}.remaining = #windows.#w{number}.remaining + :calls")
            conditions.append(f"#windows.#w{number}.resets_at = :r{number}")
            if calls < 0:
                values[":zero"] = {"N": "0"}
                conditions.append(f"#windows.#w{number}.remaining > :zero")
        return self._update_budget(key, sets, conditions, names, values)

    def line_up(self, budget: Budget) -> Budget:
        """One more stands in line for the budget; with the row as it is then."""
        key = keys.budget(budget.channel, budget.account, budget.endpoint)
        values: Item = {":one": {"N": "1"}, ":zero": {"N": "0"}}
        sets = ["waiting = if_not_exists(waiting, :zero) + :one", "version = version + :one"]
        return self._update_budget(key, sets, ["attribute_exists(pk)"], {}, values) or budget

    def _update_budget(
        self, key: Key, sets: list[str], conditions: list[str], names: dict[str, str], values: Item
    ) -> Budget | None:
        update: dict[str, Any] = {
            "TableName": self.name,
            "Key": _wire(key),
            "UpdateExpression": "SET " + ", ".join(sets),
            "ConditionExpression": " AND ".join(conditions),
            "ExpressionAttributeValues": values,
            "ReturnValues": "ALL_NEW",
        }
        if names:
            update["ExpressionAttributeNames"] = names
        try:
            with _translated():
                answer = self._client.update_item(**update)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return None
        return _budget(answer["Attributes"])

    def learn(self, budget: Budget, change: Callable[[Budget], Budget], now: datetime) -> Budget:
        """Change the budget by what a platform said. ``budget``: as it was last seen; others may have taken calls since.

        Raises `LostRace` when it never came through: the caller knows how much it matters.
        """
        if change(budget) == budget:
            return budget
        key = keys.budget(budget.channel, budget.account, budget.endpoint)
        for _ in range(BUDGET_TRIES):
            present = self.get(key)
            if not isinstance(present, Budget):
                return budget
            changed = change(present)
            if changed == present:
                return present
            try:
                self.commit([changed], now)
                return changed.model_copy(update={"version": changed.version + 1})
            except LostRace:
                continue
        raise LostRace("budget")

    def take_turn(self, name: str, per_second: int, now: datetime) -> datetime:
        """The next free moment of something that may go ``per_second`` times a second: now, or later in the order of
        asking. A crash forfeits it. Raises `Retry` when too many ask at once."""
        step = -(-1000 // per_second)
        at = int(now.timestamp() * 1000)
        later = ("SET free_at = free_at + :step", "free_at > :now")
        at_once = ("SET free_at = :now + :step", "attribute_not_exists(free_at) OR free_at <= :now")
        for expression, condition in (later, at_once) * 3:
            with _translated():
                try:
                    answer = self._client.update_item(
                        TableName=self.name,
                        Key=_wire(keys.pace(name)),
                        UpdateExpression=expression,
                        ConditionExpression=condition,
                        ExpressionAttributeValues={":step": {"N": str(step)}, ":now": {"N": str(at)}},
                        ReturnValues="UPDATED_NEW",
                    )
                except ClientError as error:
                    if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                        raise
                    continue
            free_at = int(answer["Attributes"]["free_at"]["N"])
            return max(datetime.fromtimestamp((free_at - step) / 1000, UTC), now)
        raise Retry("pace_contended")

    # -- lists and hints from the indexes -------------------------------------------------------------------------

    def due(self, shard: str, until: datetime, most: int | None = None) -> Iterator[DueRow]:
        """What is due in a shard of the diary up to a moment, the oldest first."""
        pages = self._query(
            IndexName="due",
            KeyConditionExpression="due_pk = :pk AND due_sk <= :until",
            ExpressionAttributeValues={
                ":pk": {"S": keys.due_partition(shard)},
                ":until": {"S": stamp(until) + "#~"},
            },
            most=most,
        )
        for item in pages:
            yield DueRow(item["entity"]["S"], Key(item["pk"]["S"], item["sk"]["S"]), item["due_sk"]["S"])

    def best_in_lane(self, lane: str) -> Iterator[tuple[str, str]]:
        """``(order key, case id)`` of what waits in a lane over all shards, best first."""
        return merge(*(self._lane_shard(lane, shard) for shard in keys.all_shards(self.shards)))

    def _lane_shard(
        self, lane: str, shard: str, *, after: str = "", most: int | None = None
    ) -> Iterator[tuple[str, str]]:
        pages = self._query(
            IndexName="order",
            KeyConditionExpression="order_pk = :pk AND order_sk > :after",
            ExpressionAttributeValues={":pk": {"S": keys.lane_partition(lane, shard)}, ":after": {"S": after or " "}},
            most=most,
            page_size=LANE_PAGE,
        )
        for item in pages:
            yield item["order_sk"]["S"], item["pk"]["S"].removeprefix("case#")

    def oldest_due_in_lane(self, lane: str) -> datetime | None:
        """When the case that is due first in a lane was or is due, whatever its priority; None when the lane is empty.

        Of each priority only the first is read, so the cost does not grow with the lane.
        """
        oldest: str | None = None
        for shard in keys.all_shards(self.shards):
            after = ""
            while (first := next(self._lane_shard(lane, shard, after=after, most=1), None)) is not None:
                rank, due, _ = first[0].split("#")
                oldest = min(oldest or due, due)
                after = f"{rank}#~"
        return datetime.fromisoformat(oldest) if oldest is not None else None

    def outbox(
        self, channel: str, account: str, endpoint: str, until: datetime, *, page: int = OUTBOX_PAGE
    ) -> Iterator[OutboxRow]:
        """The pending replies whose hold-back is over by then: the most severe first, then the oldest.

        Read as far as they are asked for, ``page`` rows of a shard at a time.
        """
        for severity in (3, 2, 1, 0):
            low, high = keys.outbox_bounds(severity, stamp(until))
            yield from merge(
                *(
                    self._outbox_shard(keys.outbox_partition(channel, account, endpoint, shard), low, high, page)
                    for shard in keys.all_shards(self.shards)
                )
            )

    def _outbox_shard(self, partition: str, low: str, high: str, page: int) -> Iterator[OutboxRow]:
        pages = self._query(
            IndexName="order",
            KeyConditionExpression="order_pk = :pk AND order_sk BETWEEN :low AND :high",
            ExpressionAttributeValues={":pk": {"S": partition}, ":low": {"S": low}, ":high": {"S": high}},
            page_size=page,
        )
        for item in pages:
            yield OutboxRow(item["order_sk"]["S"], Key(item["pk"]["S"], item["sk"]["S"]))

    def first_mail(self) -> Key | None:
        """The mail that should go next of those that wait: a hint, as an index is."""
        best: tuple[str, Key] | None = None
        for shard in keys.all_shards(self.shards):
            pages = self._query(
                IndexName="order",
                KeyConditionExpression="order_pk = :pk",
                ExpressionAttributeValues={":pk": {"S": keys.mail_partition(shard)}},
                most=1,
            )
            for head in pages:
                found = (head["order_sk"]["S"], Key(head["pk"]["S"], head["sk"]["S"]))
                best = min(best, found) if best else found
                break
        return best[1] if best else None

    def listed(
        self, partition: str, *, newest_first: bool = False, most: int | None = None, since: str = "", before: str = ""
    ) -> Iterator[Record]:
        """The records of a list, in its order (or the other way round): all, or those from the order key ``since`` on,
        or (not both) those that lie ``before`` one."""
        condition, values = "list_pk = :pk", {":pk": {"S": partition}}
        if since or before:
            condition += " AND list_sk >= :bound" if since else " AND list_sk < :bound"
            values[":bound"] = {"S": since or before}
        pages = self._query(
            IndexName="list",
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values,
            ScanIndexForward=not newest_first,
            most=most,
        )
        return (record for item in pages for record in Rows.of((item,), self._unknown))

    def cases(self, state: str, most: int) -> list[Case]:
        """Open or done cases, the one with the latest post first."""
        streams = [
            self.listed(keys.cases_partition(state, shard), newest_first=True, most=most)
            for shard in keys.all_shards(self.shards)
        ]
        found = [record for stream in streams for record in stream if isinstance(record, Case)]
        return sorted(found, key=lambda case: case.last_post_at, reverse=True)[:most]

    def _query(self, *, most: int | None = None, page_size: int | None = None, **query: Any) -> Iterator[Item]:
        start: Item | None = None
        given = 0
        while True:
            page = dict(query, TableName=self.name)
            if start is not None:
                page["ExclusiveStartKey"] = start
            limits = [limit for limit in (most and most - given, page_size) if limit]
            if limits:
                page["Limit"] = min(limits)
            with _translated():
                answer = self._client.query(**page)
            yield from answer["Items"]
            given += len(answer["Items"])
            start = answer.get("LastEvaluatedKey")
            if start is None or (most is not None and given >= most):
                return


class _translated:
    """Errors of the call itself (no answer, throttled, out of service) become `Retry`; refusals stay as they are."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, BotoCoreError):
            raise Retry(f"table_{type(error).__name__}") from error
        if isinstance(error, ClientError):
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
            code = error.response["Error"]["Code"]
            throttled = code in {
                "ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded",
                "TransactionInProgressException", "TransactionConflictException",
            }  # fmt: skip
            if status >= 500 or throttled:
                raise Retry(f"table_{code}") from error


def _unchanged(record: Record) -> dict[str, Any]:
    """The condition that a record lies in the table as it was read."""
    if isinstance(record, AuthorCase | ErasedCase):
        return {}  # it says the same every time
    if record.version == 0:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    values = {":version": {"N": str(record.version)}}
    return {"ConditionExpression": "version = :version", "ExpressionAttributeValues": values}


def _wire(key: Key) -> Item:
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}


def _budget(item: Item) -> Budget:
    record = from_item(item)
    assert isinstance(record, Budget)
    return record
