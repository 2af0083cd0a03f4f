"""DynamoDB as far as the case table uses it, in memory: for tests of thousands of posts. Items are shared, never changed.

Moto copies its whole table at each transaction. The table's contract suite holds this one to what DynamoDB does.
"""

from __future__ import annotations

import json
import operator
import re
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from botocore.exceptions import ClientError

Item = dict[str, Any]
Id = tuple[str, str]
MOST_BYTES = 400 * 1024
MOST_IN_ONE = 100
"""Items of one transaction."""


def refused(code: str, operation: str, **more: Any) -> ClientError:
    """As botocore raises it."""
    return ClientError(
        {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": 400}, **more},  # type: ignore[arg-type]
        operation,
    )


class MemoryTables:
    """A client that knows `create_table` and the calls of `firstline.table.Table`."""

    def __init__(self) -> None:
        self._tables: dict[str, _Stored] = {}
        self.calls: dict[str, int] = defaultdict(int)

    def create_table(self, *, TableName: str, KeySchema: Any, GlobalSecondaryIndexes: Any = (), **_: Any) -> None:
        indexes = {"": _names(KeySchema)}
        shown: dict[str, tuple[str, ...] | None] = {"": None}
        for each in GlobalSecondaryIndexes:
            indexes[each["IndexName"]] = keys = _names(each["KeySchema"])
            projection = each["Projection"]
            kept = (*indexes[""], *keys, *projection.get("NonKeyAttributes", ()))
            shown[each["IndexName"]] = None if projection["ProjectionType"] == "ALL" else kept
        self._tables[TableName] = _Stored(indexes, shown)

    def get_item(self, *, TableName: str, Key: Item, **_: Any) -> Any:
        self.calls["GetItem"] += 1
        item = self._tables[TableName].items.get(_id(Key))
        return {"Item": item} if item is not None else {}

    def batch_get_item(self, *, RequestItems: Mapping[str, Any], **_: Any) -> Any:
        self.calls["BatchGetItem"] += 1
        found = {
            name: [self._tables[name].items[_id(key)] for key in asked["Keys"] if _id(key) in self._tables[name].items]
            for name, asked in RequestItems.items()
        }  # fmt: skip
        return {"Responses": found, "UnprocessedKeys": {}}

    def put_item(self, **put: Any) -> Any:
        self.calls["PutItem"] += 1
        _fits(put["Item"], "PutItem")
        if not _holds(put, self._tables[put["TableName"]].items.get(_id(put["Item"]))):
            raise refused("ConditionalCheckFailedException", "PutItem")
        self._tables[put["TableName"]].put(put["Item"])
        return {}

    def transact_write_items(self, *, TransactItems: Any, **_: Any) -> Any:
        self.calls["TransactWriteItems"] += 1
        changes = [change for each in TransactItems for change in each.values()]
        ids = [_id(change["Item"] if "Item" in change else change["Key"]) for change in changes]
        if len(set(ids)) < len(ids) or len(ids) > MOST_IN_ONE:
            raise refused("ValidationException", "TransactWriteItems")
        for change in changes:
            _fits(change.get("Item", {}), "TransactWriteItems")
        tables = [self._tables[change["TableName"]] for change in changes]
        held = [_holds(change, table.items.get(each)) for change, table, each in zip(changes, tables, ids, strict=True)]
        if not all(held):
            reasons = [{"Code": "None" if ok else "ConditionalCheckFailed"} for ok in held]
            raise refused("TransactionCanceledException", "TransactWriteItems", CancellationReasons=reasons)
        for change, table, each in zip(changes, tables, ids, strict=True):
            if "Item" in change:
                table.put(change["Item"])
            else:
                table.delete(each)
        return {}

    def update_item(self, **update: Any) -> Any:
        self.calls["UpdateItem"] += 1
        stored = self._tables[update["TableName"]]
        item = stored.items.get(_id(update["Key"]))
        if not _holds(update, item):
            raise refused("ConditionalCheckFailedException", "UpdateItem")
        changed = deepcopy(item) if item is not None else dict(update["Key"])
        sets = re.split(r",(?![^(]*\))", update["UpdateExpression"].removeprefix("SET "))
        values = [
            (path.strip(), _sum(term.strip(), changed, update)) for path, term in (each.split("=") for each in sets)
        ]
        for path, value in values:
            *way, last = _path(path, update)
            target = changed
            for name in way:
                target = target[name]["M"]
            target[last] = value
        stored.put(changed)
        return {"Attributes": changed}

    def scan(self, *, TableName: str, **_: Any) -> Any:
        """Every item, in one page: for tests that look for words anywhere."""
        return {"Items": list(self._tables[TableName].items.values())}

    def query(self, **query: Any) -> Any:
        self.calls["Query"] += 1
        return self._tables[query["TableName"]].query(query)


class _Stored:
    """Items by key, and per index the sorted keys of each partition."""

    def __init__(self, indexes: dict[str, tuple[str, str]], shown: dict[str, tuple[str, ...] | None]) -> None:
        self.items: dict[Id, Item] = {}
        self.indexes, self.shown = indexes, shown
        self.orders: dict[str, dict[str, list[tuple[str, Id]]]] = {name: defaultdict(list) for name in indexes}

    def put(self, item: Item) -> None:
        self.delete(_id(item))
        for name, (pk, sk) in self.indexes.items():
            if pk in item and sk in item:
                insort(self.orders[name][item[pk]["S"]], (item[sk]["S"], _id(item)))
        self.items[_id(item)] = item

    def delete(self, key: Id) -> None:
        before = self.items.pop(key, None)
        for name, (pk, sk) in self.indexes.items():
            if before is not None and pk in before and sk in before:
                rows = self.orders[name][before[pk]["S"]]
                rows.pop(bisect_left(rows, (before[sk]["S"], key)))

    def query(self, query: dict[str, Any]) -> Any:
        name = query.get("IndexName", "")
        pk, sk = self.indexes[name]
        values = query["ExpressionAttributeValues"]
        rows = self.orders[name].get(values[":pk"]["S"], [])
        low, high = _range(query["KeyConditionExpression"], sk, values)
        first = bisect_left(rows, (low, ("", "")))
        last = bisect_right(rows, (high, ("\U0010ffff", ""))) if high is not None else len(rows)
        found = rows[first:last]
        if re.search(rf"{sk} > ", query["KeyConditionExpression"]):
            found = [row for row in found if row[0] > low]
        if re.search(rf"{sk} < ", query["KeyConditionExpression"]):
            found = [row for row in found if high is not None and row[0] < high]
        if not query.get("ScanIndexForward", True):
            found.reverse()
        start = query.get("ExclusiveStartKey")
        if start is not None:
            found = found[[row[1] for row in found].index(_id(start)) + 1 :]
        limit = query.get("Limit") or len(found)
        page = found[:limit]
        shown = self.shown[name]
        items = [self.items[row[1]] for row in page]
        if shown is not None:
            items = [{each: item[each] for each in shown if each in item} for item in items]
        answer: dict[str, Any] = {"Items": items, "Count": len(page)}
        if len(found) > limit:
            answer["LastEvaluatedKey"] = {"pk": {"S": page[-1][1][0]}, "sk": {"S": page[-1][1][1]}}
        return answer


def _names(schema: Any) -> tuple[str, str]:
    hash_key, range_key = (each["AttributeName"] for each in schema)
    return hash_key, range_key


def _fits(item: Item, operation: str) -> None:
    if len(json.dumps(item, ensure_ascii=False).encode()) > MOST_BYTES:
        raise refused("ValidationException", operation)


def _id(item: Item) -> Id:
    return item["pk"]["S"], item["sk"]["S"]


def _range(condition: str, sk: str, values: Item) -> tuple[str, str | None]:
    if match := re.search(rf"begins_with\({sk}, (:\w+)\)", condition):
        start = values[match[1]]["S"]
        return start, start + "\U0010ffff"
    if match := re.search(rf"{sk} BETWEEN (:\w+) AND (:\w+)", condition):
        return values[match[1]]["S"], values[match[2]]["S"]
    if match := re.search(rf"{sk} >=? (:\w+)", condition):
        return values[match[1]]["S"], None
    if match := re.search(rf"{sk} <=? (:\w+)", condition):
        return "", values[match[1]]["S"]
    return "", None


def _path(path: str, told: dict[str, Any]) -> list[str]:
    names = told.get("ExpressionAttributeNames", {})
    return [names.get(part, part) for part in path.split(".")]


def _value(path: str, item: Item | None, told: dict[str, Any]) -> Any:
    if path.startswith(":"):
        return told["ExpressionAttributeValues"][path]
    found: Any = {"M": item or {}}
    for name in _path(path, told):
        found = (found or {}).get("M", {}).get(name)
    return found


def _sum(term: str, item: Item, told: dict[str, Any]) -> Any:
    total = 0
    for each in term.split("+"):
        if match := re.fullmatch(r"if_not_exists\(([^,]+), (:\w+)\)", each.strip()):
            value = _value(match[1], item, told) or _value(match[2], item, told)
        else:
            value = _value(each.strip(), item, told)
        total += int(value["N"])
    return {"N": str(total)}


def _holds(told: dict[str, Any], item: Item | None) -> bool:
    condition = told.get("ConditionExpression", "")
    either = (all(_one(each, item, told) for each in one.split(" AND ")) for one in condition.split(" OR "))
    return not condition or any(either)


def _one(condition: str, item: Item | None, told: dict[str, Any]) -> bool:
    if match := re.fullmatch(r"attribute_(not_)?exists\((\w+)\)", condition):
        return (_value(match[2], item, told) is None) == bool(match[1])
    left, sign, right = condition.split(" ")
    if match := re.fullmatch(r"size\(([^)]+)\)", left):
        held = _value(match[1], item, told)
        found: Any = {"N": str(len(held["M"]))} if held else None
    else:
        found = _value(left, item, told)
    wanted = _value(right, item, told)
    if found is None or found.keys() != wanted.keys():
        return False
    first, second = ((int(each["N"]) if "N" in each else each.get("S", each)) for each in (found, wanted))
    compare = {"=": operator.eq, ">": operator.gt, "<=": operator.le}
    return bool(compare[sign](first, second))
