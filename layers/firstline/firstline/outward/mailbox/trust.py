"""Whether a mail is the branch's own: SES's verdicts, and nothing that the mail says of itself.

Believed is a mail from one of the handoff's own addresses (the branch's, its escalation address, or the one that the
handoff was mailed to; not anybody of their domain, which may be a public provider's) that passed DMARC, or SPF or DKIM
for the From address's domain. Domains must be equal, not merely related. SES gives one verdict on DKIM for all
signatures, so it counts only if every signature is by that domain and covers the whole body (no ``l=``).
"""

from __future__ import annotations

from collections.abc import Iterable

from .head import Head, canonical, canonical_domain, one_address
from .receipt import Receipt


def doubt(receipt: Receipt, head: Head, addresses: Iterable[str]) -> str | None:
    """Why the mail is not taken for the branch's, as a short word; None if it is."""
    if receipt.virus == "FAIL":
        return "virus"
    if receipt.spam == "FAIL":
        return "spam"
    if head.sender is None or not _read_alike(receipt, head.sender):
        return "from_not_one_address"
    if head.sender not in {canonical(address) for address in addresses}:
        return "not_the_branchs_address"
    return None if _authenticated(receipt, head) else "not_authenticated"


def _read_alike(receipt: Receipt, sender: str) -> bool:
    """Whether SES read the same From as we did, where it says what it read. A decoded name may stand there without its
    quotation marks: ``Ross, Anna <anna@acme.example>``."""
    if not receipt.froms:
        return True
    told = receipt.froms[0].strip()
    address = one_address(told)
    if address is None and told.endswith(">") and told.count("<") == told.count("@") == 1:
        address = canonical(told.rpartition("<")[2].removesuffix(">"))
    return len(receipt.froms) == 1 and address == sender


def _authenticated(receipt: Receipt, head: Head) -> bool:
    if receipt.dmarc == "PASS":
        return True
    if receipt.dmarc == "FAIL":
        return False
    if receipt.spf == "PASS" and canonical(receipt.sender).rpartition("@")[2] == head.domain:
        return True
    signatures = {*head.signatures, *receipt.signatures}
    return receipt.dkim == "PASS" and bool(signatures) and all(_by(head.domain, each) for each in signatures)


def _by(domain: str, signature: str) -> bool:
    """Whether a DKIM signature (RFC 6376 3.5) is one domain's and covers the whole body."""
    tags = [(name.strip(), value) for name, _, value in (tag.partition("=") for tag in signature.split(";"))]
    signing = [canonical_domain("".join(value.split())) for name, value in tags if name == "d"]
    return signing == [domain] and not any(name == "l" for name, _ in tags)
