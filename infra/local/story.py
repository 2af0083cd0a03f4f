"""The demo's story: who writes what on which platform, in nine languages, and what must come of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Beat:
    """One moment of the story.

    ``answers`` is how many answers of the robot the post must get in its own thread (0: none, for a reason that
    stands on the case). ``one_case``: all that this person wrote must stand on one case. ``lane`` and ``branch`` are the case's (None: not looked at, "" : no work at all).
    ``before`` and ``after`` are control calls of the simulators around the post; ``{post}`` in them is its id.
    """

    who: str
    channel: Literal["x", "facebook", "messenger", "instagram", "whatsapp", "generic"]
    text: str
    kind: str = "post"
    answers: int = 1
    lane: str | None = None
    branch: str | None = None
    one_case: bool = False
    note: str = ""
    post: dict[str, Any] = field(default_factory=dict)
    before: tuple[tuple[str, dict[str, Any]], ...] = ()
    after: tuple[tuple[str, dict[str, Any]], ...] = ()

    @property
    def place(self) -> str:
        """The channel, of a generic source its name."""
        return str(self.post.get("account", self.channel))


@dataclass(frozen=True)
class Errand:
    """What a branch does with the handoff of a customer's post, and how that must end.

    ``clicks`` are links of its mail that are opened and then acted on, each with its form; ``bounces`` lets its mail
    come back instead. ``stage`` is the handoff's at the end, ``then`` the branch that has it instead, ``told`` whom a
    further mail must reach. ``outcome`` is the line in the table.
    """

    who: str
    branch: str
    outcome: str
    clicks: tuple[tuple[str, dict[str, str]], ...] = ()
    bounces: bool = False
    stage: str = "waiting"
    then: str | None = None
    told: str | None = None


TOM = tuple(
    Beat("Tom Reed", "x", f"@LumoraCare {text}", note="ten posts, ten different answers")
    for text in (
        "my washing machine is broken, again",
        "still broken, and nobody answers",
        "third time this year it is broken",
        "waiting for weeks now for a spare part",
        "this is a terrible service",
        "my neighbours laugh about this machine",
        "I do laundry by hand at 40",
        "another day, still not working",
        "do you even read this? it is broken",
        "last try before I give up on it",
    )
)

STORY: tuple[Beat, ...] = (
    Beat("Aimée Joseph", "facebook", "Le technicien n'est pas venu réparer mon four à Pointe-à-Pitre", branch="guadeloupe",
         note="field level overseas: nobody there moves"),
    Beat("Ruth Hall", "facebook", "The engineer did not come to repair my oven in Leeds", branch="leeds",
         note="field level: the branch acts"),
    Beat("Grace Lee", "x", "@LumoraCare can I use the dishwasher with tabs?", lane="standard", note="a calm question"),
    *TOM,
    Beat("Chloé Martin", "facebook", "Merci beaucoup, j'adore mon four", lane="", note="praise"),
    Beat("Zed Gold", "x", "@LumoraCare free followers crypto giveaway", answers=0, lane="", note="spam: nothing"),
    Beat("Giulia Rossi", "x", "@LumoraCare il tecnico non è venuto a riparare il forno a Milano", branch="milano",
         note="field level: the branch is mailed first"),
    Beat("Jonas Weber", "facebook", "Der Techniker kam nicht, mein Ofen in Berlin ist kaputt", branch="berlin",
         note="field level in another country"),
    Beat("Uwe Kraft", "x", "@LumoraCare Idioten! Meine Waschmaschine ist kaputt", lane="standard",
         note="abuse with a point is a complaint"),
    Beat("Lucía Gil", "facebook", "Sale humo de mi horno, qué hago?", lane="urgent", note="safety"),
    Beat("Amy Stone", "facebook", "My fridge is broken, ring me on 07911 123456", answers=1,
         note="personal data: on in private"),
    Beat("Amy Stone", "messenger", "Here I am: the fridge is broken since Monday", kind="message",
         note="…and the talk goes on in chat"),
    Beat("Paul Petit", "messenger", "bonjour", kind="message", answers=0, note="a burst in chat"),
    Beat("Paul Petit", "messenger", "mon lave-vaisselle fuit", kind="message", answers=0, note="a burst in chat"),
    Beat("Paul Petit", "messenger", "depuis hier", kind="message", note="a burst in chat: one answer for all of it"),
    Beat("Ana Soler", "x", "@LumoraCare mi nevera no funciona", answers=0, note="a person answers natively, within the hold-back",
         after=(("native_reply", {"post_id": "{post}", "text": "Hola Ana, ¿qué modelo es?"}),)),
    Beat("Max Braun", "facebook", "Mein Trockner ist kaputt", answers=0, note="deleted before it was answered",
         after=(("delete", {"post_id": "{post}"}),)),
    Beat("Ida Conti", "facebook", "La lavatrice fa rumore", note="its edit arrives before it",
         post={"deliver": False},
         after=(("edit", {"post_id": "{post}", "text": "La lavatrice perde acqua"}), ("redeliver", {"post_id": "{post}"}))),
    Beat("Sam Field", "x", "@LumoraCare my coffee machine is broken", post={"times": 5}, note="delivered five times"),
    Beat("Inês Duarte", "whatsapp", "Olá, bom dia", kind="message", answers=0, note="a burst on WhatsApp"),
    Beat("Inês Duarte", "whatsapp", "a minha máquina de lavar não funciona", kind="message", answers=0, note="a burst on WhatsApp"),
    Beat("Inês Duarte", "whatsapp", "desde sábado", kind="message", lane="standard", one_case=True,
         note="…answered once, in English, and said why in Portuguese"),
    Beat("Sam Vogel", "whatsapp", "Guten Tag, mein Backofen heizt nicht mehr", kind="message", lane="standard",
         note="hides the phone number: known by an id only", post={"author": {"name": "Sam Vogel", "handle": "sam_vogel"}}),
    Beat("Sofia Lind", "instagram", "Min ugn blir inte varm längre, vad ska jag göra?", kind="comment", lane="standard",
         note="below a picture of the brand", post={"author": {"name": "Sofia Lind", "handle": "sofia.bakes"}}),
    Beat("Yui Mori", "instagram", "@lumora.home my new hob is broken already", kind="mention",
         note="a mention that is told by its id: looked up first", post={"author": {"name": "Yui Mori", "handle": "yui.cooks"}}),
    Beat("Nora Petit", "instagram", "Mon four ne chauffe plus non plus, que faire ?", kind="story_reply", lane="standard",
         note="a private answer to a story", post={"author": {"name": "Nora Petit", "handle": "nora.p"}}),
    Beat("Anna de Wit", "generic", "★★☆☆☆ De oven wordt nooit warm, en niemand belt terug", kind="review",
         note="a review, answered at the site's callback", post={"account": "reviews", "contact": {"email": "anna@dewit.example"}}),
    Beat("Anna de Wit", "generic", "Belt: wil weten wanneer er iemand voor de oven komt", kind="call", answers=0,
         note="the same customer rings: no robot answers", post={"account": "contact-centre", "contact": {"email": "anna@dewit.example"}}),
    Beat("Anna de Wit", "generic", "Hierbij de foto van de oven, zoals gevraagd", kind="email", answers=0, one_case=True,
         note="…and writes an e-mail: one case of all three", post={"account": "contact-centre", "contact": {"email": "anna@dewit.example"}}),
    Beat("Piotr Zając", "generic", "@lumora moja pralka nie działa od wczoraj", lane="standard",
         note="a Mastodon bridge", post={"account": "mastodon", "author": {"name": "Piotr Zając", "handle": "piotr"}}),
    Beat("Eva Klein", "x", "@LumoraCare mein Kühlschrank ist kaputt", note="X answers 429 first",
         before=(("faults", {"channel": "x", "kind": "rate_limit", "times": 1, "seconds": 3, "match": "kühlschrank"}),)),
    Beat("Noah Hall", "x", "@LumoraCare my dryer is broken", note="X refuses the words as duplicate first",
         before=(("faults", {"channel": "x", "kind": "duplicate", "times": 1, "match": "my dryer"}),)),
)  # fmt: skip

ERRANDS: tuple[Errand, ...] = (
    Errand("Ruth Hall", "leeds", "accepted and done", stage="done",
           clicks=(("accept", {}), ("done", {"note": "New door seal, tested together."}))),
    Errand("Giulia Rossi", "milano", "not theirs: with Lumora Roma", stage="not_ours", then="roma",
           told="roma@branches.lumora.example", clicks=(("not_ours", {"note": "La cliente abita a Roma.", "belongs_to": "roma"}),)),
    Errand("Jonas Weber", "berlin", "bounced: with the region", bounces=True, told="de@regions.lumora.example"),
    Errand("Aimée Joseph", "guadeloupe", "nobody moved: with the region", told="fr@regions.lumora.example"),
)  # fmt: skip
"""Four handoffs in four languages and three time zones."""
