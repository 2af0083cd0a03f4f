"""Records to items and back: which record lies under which key, in which index, and for how long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from ..model.base import Value, stamp
from ..model.budget import Budget
from ..model.case import Case
from ..model.digest import Digest
from ..model.errors import UnknownForm
from ..model.handoff import BranchMail, Handoff
from ..model.records import (
    Account,
    Act,
    Audit,
    AuthorCase,
    AuthorRecord,
    BranchMailbox,
    ContactRecord,
    Delivery,
    ErasedCase,
    Erasure,
    HeardMail,
    Lease,
    Lookup,
    Note,
    OwnPost,
    Quarantined,
    RemovedCase,
    RobotSwitch,
    Seen,
    Silence,
    StoredPost,
    Thread,
    TokenRenewal,
)
from ..model.reply import Reply
from ..playbook.rules import RetentionDays
from . import keys
from .keys import Key

Record = (
    Case | StoredPost | OwnPost | Reply | Handoff | Note | Audit | Seen | AuthorRecord | Thread | Delivery | Lookup
    | Quarantined | Account | Budget | Lease | BranchMail | BranchMailbox | HeardMail | AuthorCase | Erasure
    | ContactRecord | TokenRenewal | Digest | RobotSwitch | Act | RemovedCase | ErasedCase | Silence
)  # fmt: skip
Item = dict[str, Any]

KINDS: dict[str, type[Value]] = {
    "case": Case,
    "post": StoredPost,
    "own": OwnPost,
    "reply": Reply,
    "handoff": Handoff,
    "mail": BranchMail,
    "mailbox": BranchMailbox,
    "note": Note,
    "audit": Audit,
    "event": Seen,
    "author": AuthorRecord,
    "thread": Thread,
    "contact": ContactRecord,
    "delivery": Delivery,
    "lookup": Lookup,
    "quarantine": Quarantined,
    "account": Account,
    "budget": Budget,
    "lease": Lease,
    "heard": HeardMail,
    "author_case": AuthorCase,
    "erasure": Erasure,
    "erased_case": ErasedCase,
    "silence": Silence,
    "renewal": TokenRenewal,
    "digest": Digest,
    "robots": RobotSwitch,
    "act": Act,
    "removed": RemovedCase,
}
NAMES = {model: kind for kind, model in KINDS.items()}

RETENTION: dict[str, timedelta] = {
    "delivery": timedelta(days=30),
    "event": timedelta(days=400),
    "thread": timedelta(days=400),
    "author": timedelta(days=400),
    "contact": timedelta(days=400),
    "lookup": timedelta(days=30),
    "quarantine": timedelta(days=90),
    "heard": timedelta(days=400),
    "erasure": timedelta(days=400),
    "act": timedelta(days=2555),
    "erased_case": timedelta(days=400),
    "silence": timedelta(days=400),
    "lease": timedelta(days=1),
    "budget": timedelta(days=40),  # a window is a month at most, and begins with a new row
}
"""How long technical records are kept after their last change. The playbook's ``retention_days`` has its own word for
deliveries, look-ups and quarantine (`terms`), and rules over cases by their due time (operations/retention.py)."""
AWAITED = timedelta(days=7)

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize

_KEYS: dict[type[Value], Callable[[Any], Key]] = {
    Case: lambda r: keys.case(r.id),
    StoredPost: lambda r: keys.post(r.case_id, r.key),
    OwnPost: lambda r: keys.own_post(r.case_id, r.key),
    Reply: lambda r: keys.reply(r.case_id, r.id),
    Handoff: lambda r: keys.handoff(r.case_id, r.id),
    BranchMail: lambda r: keys.branch_mail(r.case_id, r.id),
    BranchMailbox: lambda r: keys.branch_mailbox(r.branch),
    Note: lambda r: keys.note(r.case_id, r.id),
    Audit: lambda r: keys.audit(r.case_id, stamp(r.at), r.id),
    Seen: lambda r: keys.seen(r.key),
    AuthorRecord: lambda r: keys.author(r.key),
    Thread: lambda r: keys.thread(r.key),
    ContactRecord: lambda r: keys.contact(r.key),
    Delivery: lambda r: keys.delivery(r.id),
    Lookup: lambda r: keys.lookup(r.key),
    Quarantined: lambda r: keys.quarantined(r.key),
    Account: lambda r: keys.account(r.channel, r.id),
    Budget: lambda r: keys.budget(r.channel, r.account, r.endpoint),
    Lease: lambda r: keys.lease(r.name),
    HeardMail: lambda r: keys.heard(r.id),
    AuthorCase: lambda r: keys.author_case(r.author_key, r.case_id),
    Erasure: lambda r: keys.erasure(r.code),
    ErasedCase: lambda r: keys.erased_case(r.of, r.case_id),
    Silence: lambda r: keys.silence(r.of),
    TokenRenewal: lambda r: keys.token_renewal(r.channel, r.account),
    Digest: lambda r: keys.digest(r.about),
    RobotSwitch: lambda r: keys.robot_switch(r.about),
    Act: lambda r: keys.act(r.id),
    RemovedCase: lambda r: keys.removed(r.case_id),
}


def key_of(record: Record) -> Key:
    """The primary key of a record."""
    return _KEYS[type(record)](record)


OF_PLAYBOOK = (Delivery, Lookup, Quarantined)
"""Records of which the playbook says how long they are kept after their last change."""


def terms(days: RetentionDays) -> dict[str, timedelta]:
    """What a playbook says of how long technical records are kept."""
    deliveries, quarantine = timedelta(days=days.deliveries), timedelta(days=days.quarantine)
    return RETENTION | {"delivery": deliveries, "lookup": deliveries, "quarantine": quarantine}


def to_item(record: Record, now: datetime, shards: int, kept: Mapping[str, timedelta] = RETENTION) -> Item:
    """The record as a DynamoDB item (low-level form), its version raised by one, with its index and TTL attributes."""
    entity = NAMES[type(record)]
    pk, sk = key_of(record)
    body = record.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    body |= {"pk": pk, "sk": sk, "entity": entity, "version": record.version + 1}
    body |= _index(record, shards)
    awaited = isinstance(record, Seen) and record.kind == "awaited"
    keep = AWAITED if awaited else kept.get(entity)
    if keep is not None:
        body["ttl"] = int((now + keep).timestamp())
    return {name: _serialize(value) for name, value in body.items()}


def from_item(item: Mapping[str, Any]) -> Record:
    """The record in an item of the base table, whichever release wrote it. Raises `UnknownForm`."""
    entity = item.get("entity", {}).get("S", "")
    model = KINDS.get(entity)
    if model is None:
        raise UnknownForm(entity or "row", "no such kind")
    plain = {name: _plain(_deserialize(value)) for name, value in item.items() if name in model.model_fields}
    return model.stored(plain)  # type: ignore[return-value]


def outbox_order(reply: Reply) -> str:
    """Where a reply stands in its outbox."""
    target = stamp(reply.target) if reply.target is not None else ""
    return keys.outbox_order(reply.severity, stamp(reply.not_before), target, reply.id)


def _index(record: Record, shards: int) -> dict[str, str]:
    """The index attributes: present only while the record is due, waits in an order, or stands on a list."""
    index: dict[str, str] = {}
    due_at = getattr(record, "due_at", None)
    if due_at is not None:
        name = "|".join(key_of(record))
        index["due_pk"] = keys.due_partition(keys.shard(name, shards))
        index["due_sk"] = f"{stamp(due_at)}#{name}"
    match record:
        case Case():
            if record.work_id is not None and record.lane is not None:
                index["order_pk"] = keys.lane_partition(record.lane, keys.shard(record.id, shards))
                rank, due, case_id = record.work_order
                index["order_sk"] = f"{rank:03d}#{stamp(due)}#{case_id}"
            state = "done" if record.done else "open"
            index["list_pk"] = keys.cases_partition(state, keys.shard(record.id, shards))
            index["list_sk"] = f"{stamp(record.last_post_at)}#{record.id}"
        case Reply() if record.in_line:
            index["order_pk"] = keys.outbox_partition(
                record.channel, record.account, record.endpoint, keys.shard(record.id, shards)
            )
            index["order_sk"] = outbox_order(record)
        case BranchMail() if record.in_order:
            rank = 0 if record.kind in ("fallback", "escalation") else 1
            index |= _mail_order(record, rank, record.created_at, shards)
        case Handoff():
            if record.in_order:
                index |= _mail_order(record, 0, record.contact_by, shards)
            index["list_pk"] = keys.branch_partition(record.id)
            index["list_sk"] = keys.handoff_order(stamp(record.created_at), record.case_id)
        case Delivery():
            index["list_pk"] = keys.deliveries_partition(stamp(record.received_at)[:13], keys.shard(record.id, shards))
            index["list_sk"] = record.id
        case Quarantined() if record.state == "waiting":
            index["list_pk"] = keys.quarantine_partition()
            index["list_sk"] = f"{stamp(record.at)}#{record.key}"
        case Act():
            index["list_pk"] = keys.acts_partition()
            index["list_sk"] = f"{stamp(record.at)}#{record.id}"
        case Account() if record.parked_at is not None:
            index["list_pk"] = keys.parked_partition()
            index["list_sk"] = f"{record.channel}:{record.id}"
    return index


def _mail_order(mail: Handoff | BranchMail, rank: int, due: datetime, shards: int) -> dict[str, str]:
    return {
        "order_pk": keys.mail_partition(keys.shard(f"{mail.case_id}#{mail.id}", shards)),
        "order_sk": keys.mail_order(rank, stamp(due), mail.case_id, mail.id),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return value
