// Other sources: reviews with stars, calls and e-mails that a contact centre noted, a bridge's posts.

import { avatar, element } from "/pages/dom.js";
import { badge, byline, foot, mark, single, time, words } from "/pages/pieces.js";
import { accountOf, byBrand, grouped, rootsOf, whole } from "/pages/said.js";
import { chat } from "/pages/chats.js";
import { flatThread } from "/pages/threads.js";

const STARS = /^([★☆]{5})\s*/;
const NOTED = { call: ["☎", "Call"], email: ["✉", "E-mail"] };
const TITLES = { reviews: "Reviews", "contact-centre": "Contact centre", mastodon: "Mastodon, over a bridge", generic: "Any other sender" };

export const sourceName = (id) => TITLES[id] ?? id;

// Threads of one source, with the moment of their latest word.
export function sourceThreads(posts) {
  const noted = posts.filter((post) => post.kind in NOTED || (post.private && post.account === "contact-centre"));
  const talks = grouped(posts.filter((post) => post.private && !noted.includes(post)), (post) => `${post.with} ${post.account}`);
  const open = posts.filter((post) => !post.private);
  return [
    ...rootsOf(open).map((root) => [whole(root, open), () => titled(root, root.kind === "review" ? review(root, open) : flatThread(root, open, "bridge"))]),
    ...grouped(noted, (post) => post.with).map((group) => [group, () => titled(group[0], notes(group))]),
    ...talks.map((group) => [group, () => titled(group[0], chat(group))]),
  ];
}

function titled(post, made) {
  made.prepend(element("p", { class: "source small" }, element("span", { class: "badge" }, sourceName(post.account)), element("code", {}, `/webhooks/${post.account}`)));
  return made;
}

function stars(given) {
  const count = [...given].filter((each) => each === "★").length;
  return element("span", { class: "stars", role: "img", "aria-label": `${count} of 5 stars` }, given);
}

function review(root, posts) {
  const [, given] = STARS.exec(root.text) ?? [];
  const first = single(root, { extra: "root", above: given ? stars(given) : null, text: root.text.replace(STARS, "") });
  const answers = whole(root, posts).slice(1).map((post) => {
    const says = byBrand(post) ? `Answer of ${accountOf(post)?.name ?? "the brand"}` : post.author.name;
    return element("article", { class: `post answer${mark(post)}`, "data-id": post.id }, element("div", { class: "bubble" }, byline(post, says), words(post)), foot(post));
  });
  return element("div", { class: "card thread review", "data-thread": root.id }, first, ...answers);
}

// The notes on one person, as a contact centre keeps them.
function notes(posts) {
  const first = posts.find((post) => !byBrand(post)) ?? posts[0];
  const reached = Object.values(first.contact ?? {}).map((each) => element("span", { class: "badge" }, each));
  return element("div", { class: "card thread notes", "data-thread": `notes-${first.with}` },
    element("header", {}, avatar(first.author.name, first.author.id), element("b", { dir: "auto" }, first.author.name), ...reached),
    ...posts.map((post) => {
      const [sign, kind] = NOTED[post.kind] ?? ["↩", "Answer"];
      return element("article", { class: `post note${mark(post)}`, "data-id": post.id },
        element("span", { class: "sign", "aria-hidden": "true" }, sign),
        element("div", {}, element("div", { class: "byline" }, element("b", {}, kind), badge(post), time(post)), words(post), foot(post)));
    }));
}
