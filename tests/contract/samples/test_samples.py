"""Bodies that other people recorded, where they stand beside the checkout: none costs an exception or is lost.

They are not part of the project; ../shared/platform-samples/SOURCES.md says what each one shows.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from firstline.channels import adapter
from firstline.model.events import Event, OwnWords, Posted

SAMPLES = Path(__file__).resolve().parents[3].parent / "shared" / "platform-samples"
CHANNELS = ("x", "facebook", "messenger", "whatsapp", "instagram")

pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="../shared/platform-samples does not stand beside this checkout"
)

P, O, E, D, L = "posted", "own_words", "edited", "deleted", "needs_lookup"  # noqa: E741
I, N, U = "ignored", "account_notice", "unreadable"  # noqa: E741
S, C = "reply_status", "identity_changed"
EXPECTED: dict[str, tuple[str, ...]] = {
    "x/aaa-dm-bad-id.json": (P,),
    "x/aaa-dm-docs-app.json": (P,),
    "x/aaa-dm-html-entity.json": (P,),
    "x/aaa-dm-incoming.json": (P,),
    "x/aaa-dm-mark-read-docs.json": (I,),
    "x/aaa-dm-media.json": (P,),
    "x/aaa-dm-own.json": (O,),
    "x/aaa-dm-second.json": (P,),
    "x/aaa-dm-short.json": (P,),
    "x/aaa-dm-typing.json": (I,),
    "x/aaa-favorite.json": (I,),
    "x/aaa-follow.json": (I,),
    "x/aaa-mention-extended.json": (P,),
    "x/aaa-mention-media.json": (P,),
    "x/aaa-mention.json": (P,),
    "x/aaa-own-tweet-mention.json": (O,),
    "x/aaa-own-tweet.json": (O,),
    "x/aaa-replay-job-status.json": (I,),
    "x/aaa-reply-in-thread.json": (P,),
    "x/aaa-retweet.json": (I,),
    "x/aaa-tweet-delete.json": (D,),
    "x/aaa-unfollow.json": (I,),
    "x/aaa-user-event-revoke.json": (N,),
    "x/filtered-stream-webhook.json": (P,),
    "x/tweet-object-extended-replies.json": (P,),
    "x/tweet-object-html-entity-image.json": (P,),
    "x/tweet-object-mention-classic.json": (P,),
    "x/tweet-object-quote-of-reply-with-image.json": (P,),
    "x/tweet-object-reply-attachment-mention.json": (P,),
    "x/tweet-object-retweet-of-extended.json": (I,),
    "x/xaa-chat-received.json": (P,),
    "x/xaa-dm-received.json": (P,),
    "x/xaa-like.json": (I,),
    "x/xaa-mention.json": (P,),
    "x/xaa-oauth-revoke.json": (N,),
    "x/xaa-post-create.json": (O,),
    "x/xaa-post-delete.json": (D,),
    "x/xaa-reply.json": (P,),
    "x/xaa-repost.json": (I,),
    "facebook/feed-comment-add-211.json": (O,),
    "facebook/feed-comment-add-25.json": (O,),
    "facebook/feed-comment-add-with-photo.json": (O,),
    "facebook/feed-comment-add-with-video.json": (O,),
    "facebook/feed-comment-edited-25.json": (E,),
    "facebook/feed-comment-hide.json": (D,),
    "facebook/feed-comment-remove-25.json": (D,),
    "facebook/feed-comment-unhide.json": (D,),
    "facebook/feed-event-add.json": (I,),
    "facebook/feed-like-add-page-25.json": (I,),
    "facebook/feed-photo-add-message.json": (O,),
    "facebook/feed-post-add-25.json": (P,),
    "facebook/feed-post-edit.json": (E,),
    "facebook/feed-post-remove-25.json": (D,),
    "facebook/feed-reaction-add-reply.json": (I,),
    "facebook/feed-share-add-25.json": (O,),
    "facebook/feed-status-add-25.json": (O,),
    "facebook/feed-status-add-photos.json": (O,),
    "facebook/feed-two-entries-25.json": (I, I),
    "facebook/feed-video-block.json": (I,),
    "facebook/mention-comment-add.json": (L,),
    "facebook/mention-post-add-real.json": (L,),
    "facebook/permission-granted.json": (I,),
    "facebook/ratings-rating-add-31.json": (P,),
    "facebook/ratings-rating-remove-25.json": (D,),
    "facebook/unknown-change-value.json": (U,),
    "messenger/courier-attachment.json": (P,),
    "messenger/courier-different-page.json": (P,),
    "messenger/courier-duplicate-msg.json": (P,),
    "messenger/courier-echo.json": (O,),
    "messenger/courier-location.json": (P,),
    "messenger/courier-no-entries.json": (I,),
    "messenger/courier-no-messaging-entries.json": (I,),
    "messenger/courier-notification-messages-optin.json": (I,),
    "messenger/courier-reel.json": (P,),
    "messenger/courier-referral-optin-user-ref.json": (I,),
    "messenger/courier-thumbs-up.json": (P,),
    "messenger/courier-unknown-messaging-entry.json": (U,),
    "messenger/messaging-delivery-basic.json": (I,),
    "messenger/messaging-message-basic-echo.json": (O,),
    "messenger/messaging-message-basic.json": (P,),
    "messenger/messaging-message-edits.json": (E,),
    "messenger/messaging-message-fallback-attachment.json": (P,),
    "messenger/messaging-message-isdeleted.json": (D,),
    "messenger/messaging-message-isunsupported.json": (P,),
    "messenger/messaging-message-location-attachment.json": (P,),
    "messenger/messaging-message-media-attachment.json": (P,),
    "messenger/messaging-message-nlp-1.json": (P,),
    "messenger/messaging-message-reply-1.json": (P,),
    "messenger/messaging-message-sticker.json": (P,),
    "messenger/messaging-pass-thread-control.json": (I,),
    "messenger/messaging-policy-callback-block.json": (N,),
    "messenger/messaging-postback-basic.json": (P,),
    "messenger/messaging-reaction-1.json": (I,),
    "messenger/messaging-reaction-2.json": (I,),
    "messenger/messaging-read-basic.json": (I,),
    "messenger/messaging-referral-basic.json": (I,),
    "messenger/messaging-take-thread-control.json": (I,),
    "messenger/standby-message-basic-echo.json": (O,),
    "whatsapp/account-banned.json": (N,),
    "whatsapp/contacts.json": (P,),
    "whatsapp/courier-duplicate.json": (P,),
    "whatsapp/courier-error-errors.json": (N,),
    "whatsapp/courier-error-msg.json": (P,),
    "whatsapp/courier-group-message.json": (P,),
    "whatsapp/courier-hello-bsuid-in-from.json": (P,),
    "whatsapp/courier-invalid-status.json": (U,),
    "whatsapp/courier-invalid-timestamp.json": (P,),
    "whatsapp/courier-no-from.json": (U,),
    "whatsapp/image.json": (P,),
    "whatsapp/interactive-list.json": (P,),
    "whatsapp/location.json": (P,),
    "whatsapp/pywa-button.json": (P,),
    "whatsapp/pywa-echo-revoke.json": (D,),
    "whatsapp/pywa-echo.json": (O,),
    "whatsapp/pywa-edit-image.json": (E,),
    "whatsapp/pywa-forwarded.json": (P,),
    "whatsapp/pywa-order.json": (P,),
    "whatsapp/pywa-reply.json": (P,),
    "whatsapp/pywa-revoke.json": (D,),
    "whatsapp/pywa-status-failed.json": (S,),
    "whatsapp/pywa-status-sent.json": (S,),
    "whatsapp/pywa-unreaction.json": (I,),
    "whatsapp/pywa-unsupported-type.json": (P,),
    "whatsapp/pywa-voice.json": (P,),
    "whatsapp/reaction-emoji.json": (I,),
    "whatsapp/referral-ad.json": (P,),
    "whatsapp/status-bsuid.json": (S,),
    "whatsapp/status-failed.json": (S,),
    "whatsapp/system-number-changed.json": (I,),
    "whatsapp/text-bsuid-group.json": (P,),
    "whatsapp/text.json": (P,),
    "whatsapp/unsupported.json": (P,),
    "whatsapp/user-id-update.json": (C,),
    "instagram/chatwoot-ig-post.json": (P,),
    "instagram/chatwoot-ig-story.json": (P,),
    "instagram/chatwoot-share.json": (P,),
    "instagram/chatwoot-standby.json": (P,),
    "instagram/chatwoot-story-reply.json": (P,),
    "instagram/chatwoot-test-button.json": (P,),
    "instagram/chatwoot-test-changes.json": (I,),
    "instagram/chatwoot-unsupported.json": (P,),
    "instagram/comments-2021.json": (I,),
    "instagram/courier-attachment.json": (P,),
    "instagram/courier-different-page.json": (P,),
    "instagram/courier-duplicate-msg.json": (P,),
    "instagram/courier-echo.json": (O,),
    "instagram/courier-hello-msg.json": (P,),
    "instagram/courier-icebreaker-get-started.json": (P,),
    "instagram/courier-like-heart.json": (P,),
    "instagram/courier-not-instagram.json": (U,),
    "instagram/courier-story-mention.json": (P,),
    "instagram/courier-unsent-msg.json": (D,),
    "instagram/dm-attachment-unsupported.json": (P,),
    "instagram/dm-seen.json": (I,),
    "instagram/live-comments.json": (I,),
    "instagram/mentions.json": (I,),
    "instagram/story-insights.json": (I,),
}
FOUND = sorted(f"{channel}/{path.name}" for channel in CHANNELS for path in (SAMPLES / channel).glob("*.json"))


def body_of(name: str) -> bytes:
    """The body; bare posts of X travel in a list of the Account Activity API."""
    body = (SAMPLES / name).read_bytes()
    if Path(name).name.startswith("tweet-object-"):
        return json.dumps({"for_user_id": "1", "tweet_create_events": [json.loads(body)]}).encode()
    return body


def parsed(name: str, body: bytes | None = None) -> list[Event]:
    return adapter(name.split("/", maxsplit=1)[0]).parse(body_of(name) if body is None else body, {})


def test_every_sample_has_its_expectation() -> None:
    assert sorted(EXPECTED) == FOUND


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_gives_what_its_source_says(name: str) -> None:
    assert tuple(event.type for event in parsed(name)) == EXPECTED[name]


@pytest.mark.parametrize("name", [name for name in EXPECTED if name.startswith("facebook/") and EXPECTED[name] == (O,)])
def test_a_sample_whose_author_was_made_the_page_is_a_post_of_anybody_else(name: str) -> None:
    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            fresh = {key: changed(one) for key, one in value.items()}
            if "from" in fresh or "sender_id" in fresh:
                fresh |= {"from": {"id": "5550001", "name": "Anna"}, "sender_id": 5550001}
            return fresh
        return [changed(one) for one in value] if isinstance(value, list) else value

    (own,) = parsed(name)
    body = json.loads(body_of(name))
    (event,) = parsed(name, json.dumps(changed(body)).encode())
    page = body["entry"][0]["id"]
    if json.loads(body_of(name)) == changed(body):
        pytest.fail("the sample has no author to change")
    assert isinstance(own, OwnWords)
    assert isinstance(event, Posted)
    assert (event.post.author.id, event.post.account, event.post.text) == ("5550001", page, own.text)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("comments-2021", P), ("live-comments", L), ("mentions", L), ("story-insights", I), ("chatwoot-test-changes", P)],
)
def test_what_instagrams_test_button_sends_is_understood_when_it_comes_from_an_account(
    name: str, expected: str
) -> None:
    content = json.loads(body_of(f"instagram/{name}.json"))
    content["entry"][0]["id"] = "17841400000000001"
    (event,) = parsed("instagram/", json.dumps(content).encode())
    assert event.type == expected


BRIDGED = sorted(
    f"{path.parent.name}/{path.name}" for path in SAMPLES.glob("*/*.json") if path.parent.name not in CHANNELS
)


@pytest.mark.parametrize("name", BRIDGED)
def test_what_only_a_bridge_understands_is_quarantined_whole_at_the_generic_door(name: str) -> None:
    body = body_of(name)
    (event,) = adapter("generic").parse(body, {"generic": "Acme"})
    assert event.type == U
    assert json.loads(event.fragment) == json.loads(body)
