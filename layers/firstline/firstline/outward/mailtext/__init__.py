"""The mail that hands a case to a branch (R46): what, who, by when and how to reach the customer, at one glance.

Pure: a view goes in, a message comes out. `outward.mail` sends it.
"""

from .headers import handoff_of, handoff_tag, thread_root
from .render import handoff_mail
from .view import Customer, HandoffMail, Words

__all__ = ["Customer", "HandoffMail", "Words", "handoff_mail", "handoff_of", "handoff_tag", "thread_root"]
