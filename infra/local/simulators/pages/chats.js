// Private talks: Messenger, direct messages, WhatsApp. The customer writes on the right, the brand on the left.

import { avatar, clockTime, element } from "/pages/dom.js";
import { action, badge, foot, mark, words } from "/pages/pieces.js";
import { accountOf, byBrand, grouped, postOf } from "/pages/said.js";

const TICKS = { sent: "✓", delivered: "✓✓", read: "✓✓", failed: "!" };
const ARRIVED = { sent: "sent", delivered: "delivered", read: "read", failed: "not delivered" };

export function chatsIn(posts) {
  return grouped(posts.filter((post) => post.private), (post) => `${post.with} ${post.account}`);
}

export function chat(posts) {
  const first = posts.find((post) => !byBrand(post)) ?? posts[0];
  const customer = byBrand(first) ? commenter(first) : first.author;
  const account = accountOf(first);
  const brand = account?.handle ? `@${account.handle.replace(/^@/, "")}` : account?.name ?? "the brand";
  const whatsapp = first.channel === "whatsapp";
  const title = element("div", { class: "whom" }, element("b", { dir: "auto" }, customer.name),
    element("div", { class: "small quiet" }, [whatsapp ? reachedBy(customer) : null, `with ${whatsapp ? account?.name : brand}`].filter(Boolean).join(" · ")));
  const write = byBrand(first) ? null : action(first, "continue", "Continue");
  return element("section", {
    class: `card thread chat ${first.channel}`, "data-thread": `chat-${first.with}-${first.account}`, "aria-label": `Chat of ${customer.name} with ${brand}`,
  }, element("header", {}, avatar(customer.name, customer.id), title, write),
  element("ol", { tabindex: "0", "aria-label": "Messages" }, ...posts.map((post, index) => message(post, measured(posts, index)))));
}

// Several messages in a row are answered once: the clock stands below the last, and counts from the first.
function measured(posts, last) {
  if (byBrand(posts[last]) || (posts[last + 1] && !byBrand(posts[last + 1]))) return null;
  let first = last;
  while (first > 0 && !byBrand(posts[first - 1])) first -= 1;
  return posts.slice(first, last + 1).find((post) => !post.deleted) ?? null;
}

function message(post, since) {
  const whatsapp = post.channel === "whatsapp";
  const stamp = element("span", { class: "stamp quiet" }, clockTime(post.at), post.edited ? " · edited" : null, ticks(post));
  const beside = [native(post), whatsapp ? read(post) : stamp].filter(Boolean);
  return element("li", { class: mark(post).trim(), "data-id": post.id }, quoted(post),
    element("div", { class: "bubble" }, element("span", { class: "sr" }, `${post.author.name}: `), words(post), whatsapp ? stamp : null),
    foot(post, beside.length ? element("span", { class: "beside" }, ...beside) : null, since));
}

// The customer looks at the brand's message.
const read = (post) => (["sent", "delivered"].includes(post.status) ? action(post, "read", "Mark as read") : null);

// Said beside a message: that it answers a comment, or that a person of the brand wrote it.
function native(post) {
  if (post.answers_comment) return element("span", { class: "badge" }, "private reply to a comment");
  return post.writer === "native" ? badge(post) : null;
}

function quoted(post) {
  if (post.kind !== "story_reply") return null;
  return element("div", { class: "story" }, element("span", { class: "picture", "aria-hidden": "true" }), byBrand(post) ? null : "Replied to the brand's story");
}

// How far the brand's message came, as WhatsApp's statuses told.
function ticks(post) {
  if (!byBrand(post) || !(post.status in TICKS)) return null;
  return element("span", { class: `ticks ${post.status}` }, element("span", { "aria-hidden": "true" }, TICKS[post.status]),
    element("span", { class: "sr" }, ARRIVED[post.status]));
}

function reachedBy(customer) {
  if (/^\d+$/.test(customer.id)) return `+${customer.id.replace(/^(\d\d)(\d{3})(\d+)$/, "$1 $2 $3")}`;
  return customer.handle ? `@${customer.handle}, number hidden` : "number hidden";
}

const commenter = (post) => postOf(post.answers_comment)?.author ?? { name: "Somebody", id: post.with ?? "" };
