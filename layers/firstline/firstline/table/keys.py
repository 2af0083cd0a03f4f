"""Every key of the table, and nothing but keys: the one room that knows how items are named and found.

Base table: one partition per case holds all of it (state, posts, replies, handoffs, notes, audit), so a timeline is one
query. Everything else is found by a key that follows from what the platform names (event, author, thread, delivery).
Indexes: ``due`` (the diary), ``order`` (lanes and outboxes), ``list`` (what people page through). All are sparse, and
sharded where a storm writes to them.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from typing import NamedTuple


class Key(NamedTuple):
    """A primary key."""

    pk: str
    sk: str


def shard(name: str, shards: int) -> str:
    """The shard of a name: spread evenly, the same on every machine."""
    return f"{zlib.crc32(name.encode()) % shards:02d}"


def all_shards(shards: int) -> Iterable[str]:
    """Every shard's name."""
    return (f"{number:02d}" for number in range(shards))


# -- a case's partition -------------------------------------------------------------------------------------------


def case(case_id: str) -> Key:
    """The case itself."""
    return Key(f"case#{case_id}", "case")


def post(case_id: str, post_key: str) -> Key:
    """A post on its case, with its text."""
    return Key(f"case#{case_id}", f"post#{post_key}")


def own_post(case_id: str, post_key: str) -> Key:
    """Native words of the brand on the case."""
    return Key(f"case#{case_id}", f"own#{post_key}")


def reply(case_id: str, reply_id: str) -> Key:
    """A reply."""
    return Key(f"case#{case_id}", f"reply#{reply_id}")


def handoff(case_id: str, branch: str) -> Key:
    """A case's handoff to a branch: there is at most one."""
    return Key(f"case#{case_id}", f"handoff#{branch}")


def branch_mail(case_id: str, mail_id: str) -> Key:
    """A later mail of a handoff."""
    return Key(f"case#{case_id}", f"mail#{mail_id}")


def note(case_id: str, note_id: str) -> Key:
    """An agent's note."""
    return Key(f"case#{case_id}", f"note#{note_id}")


def audit(case_id: str, at: str, audit_id: str) -> Key:
    """A line of the trail, in order of time."""
    return Key(f"case#{case_id}", f"audit#{at}#{audit_id}")


def removed(case_id: str) -> Key:
    """What is left of a case whose retention is over."""
    return Key(f"case#{case_id}", "removed")


# -- identities ---------------------------------------------------------------------------------------------------


def seen(event_key: str) -> Key:
    """An event by its key; a post's is ``channel:post_id``."""
    return Key(f"event#{event_key}", "event")


def author(author_key: str) -> Key:
    """An author by ``channel:author_id``."""
    return Key(f"author#{author_key}", "author")


def author_case(author_key: str, case_id: str) -> Key:
    """That an author wrote on a case; beside the author, so that one query finds all."""
    return Key(f"author#{author_key}", f"case#{case_id}")


def erasure(code: str) -> Key:
    """A wish that a person's data be erased."""
    return Key(f"erasure#{code}", "erasure")


def hashed(name: str) -> str:
    """An id of a person, as it may stand in a key that outlives the person's erasure: found by who knows it already."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def erased_case(of: str, case_id: str) -> Key:
    """That a case was an erased author's or contact's, by the hash."""
    return Key(f"erased#{of}", f"case#{case_id}")


def silence(of: str) -> Key:
    """An erased author's wish for silence, by the hash."""
    return Key(f"erased#{of}", "silence")


def contact(contact_key: str) -> Key:
    """A verified contact by its kind and hash."""
    return Key(f"contact#{contact_key}", "contact")


def thread(thread_key: str) -> Key:
    """One author in one thread."""
    return Key(f"thread#{thread_key}", "thread")


def delivery(delivery_id: str) -> Key:
    """A delivery that intake split."""
    return Key(f"delivery#{delivery_id}", "delivery")


def lookup(event_key: str) -> Key:
    """A notice that waits for a look-up."""
    return Key(f"lookup#{event_key}", "lookup")


def quarantined(event_key: str) -> Key:
    """An event in quarantine."""
    return Key(f"quarantine#{event_key}", "quarantine")


def heard(mail_id: str) -> Key:
    """A mail that SES received, by SES's message id."""
    return Key(f"heard#{mail_id}", "heard")


def account(channel: str, account_id: str) -> Key:
    """An account of the brand."""
    return Key(f"account#{channel}:{account_id}", "account")


def robot_switch(about: str) -> Key:
    """Whether automatic words may be said over an account (``x:1``), or over ``all``."""
    return Key(f"robots#{about}", "switch")


def act(act_id: str) -> Key:
    """What a person did to the deployment."""
    return Key(f"act#{act_id}", "act")


def branch_mailbox(branch: str) -> Key:
    """Whether a branch's address takes mail."""
    return Key(f"branch#{branch}", "mailbox")


def digest(about: str) -> Key:
    """The weekly digest of a branch or a region (``branch-leeds``)."""
    return Key(f"digest#{about}", "digest")


def budget(channel: str, account_id: str, endpoint: str) -> Key:
    """What an account may send on an endpoint."""
    return Key(f"account#{channel}:{account_id}", f"budget#{endpoint}")


def token_renewal(channel: str, account_id: str) -> Key:
    """The renewal of an account's token."""
    return Key(f"account#{channel}:{account_id}", "renewal")


def pace(name: str) -> Key:
    """How fast something may go: when its next turn is free."""
    return Key(f"pace#{name}", "pace")


def lease(name: str) -> Key:
    """A lease: a shard that a run of the diary works on, a secret that somebody writes."""
    return Key(f"lease#{name}", "lease")


# -- indexes ------------------------------------------------------------------------------------------------------


def due_partition(shard_name: str) -> str:
    """The diary's shard."""
    return f"due#{shard_name}"


def lane_partition(lane: str, shard_name: str) -> str:
    """A lane's shard, best first."""
    return f"lane#{lane}#{shard_name}"


def outbox_partition(channel: str, account_id: str, endpoint: str, shard_name: str) -> str:
    """The outbox's shard of an account and endpoint, best first."""
    return f"outbox#{channel}:{account_id}#{endpoint}#{shard_name}"


def mail_partition(shard_name: str) -> str:
    """The shard of the mails that wait to be sent, best first."""
    return f"mails#{shard_name}"


def mail_order(rank: int, due: str, case_id: str, mail_id: str) -> str:
    """Where a mail stands among those that wait: what a customer waits for first, then by due time."""
    return f"{rank}#{due}#{case_id}#{mail_id}"


def outbox_order(severity: int, not_before: str, target: str = "", reply_id: str = "") -> str:
    """Where a reply stands in its outbox: the most severe first, then the oldest. ``target`` only travels along."""
    return f"{3 - severity}#{not_before}#{target}#{reply_id}"


def outbox_bounds(severity: int, until: str) -> tuple[str, str]:
    """Between which places a severity's replies stand whose hold-back is over by then."""
    return f"{3 - severity}#", f"{3 - severity}#{until}#~"


def cases_partition(state: str, shard_name: str) -> str:
    """Open or done cases by their latest post."""
    return f"cases#{state}#{shard_name}"


def branch_partition(branch: str) -> str:
    """A branch's handoffs."""
    return f"branch#{branch}"


def handoff_order(created_at: str, case_id: str = "") -> str:
    """Where a handoff stands among its branch's; without a case: where those of that moment begin."""
    return f"{created_at}#{case_id}"


def deliveries_partition(hour: str, shard_name: str) -> str:
    """Deliveries that came in an hour (``2026-11-23T10``)."""
    return f"deliveries#{hour}#{shard_name}"


def quarantine_partition() -> str:
    """What lies in quarantine."""
    return "quarantine"


def acts_partition() -> str:
    """What people did to the deployment, by time."""
    return "acts"


def parked_partition() -> str:
    """Accounts that are parked."""
    return "parked"
