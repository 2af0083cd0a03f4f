// The pieces that every platform's threads are made of.

import { avatar, clockTime, element, span } from "/pages/dom.js";
import { answerTo, at, byBrand, state, target } from "/pages/said.js";

// How long the brand took, against its target.
export function clock(post) {
  const answer = answerTo(post);
  if (answer) {
    const seconds = (at(answer) - at(post)) / 1000;
    const intime = !target(post) || seconds <= target(post);
    return element("span", { class: `clock ${intime ? "good" : "late"}` }, `answered after ${span(seconds)}`,
      target(post) ? element("span", { class: "of" }, ` of ${span(target(post))}`) : null);
  }
  if (post.deleted || post.hidden) return null;
  if (!target(post)) return element("span", { class: "clock person" }, "for a person to answer");
  const made = element("span", { class: "clock wait", "data-since": post.at, "data-target": target(post) });
  tick(made);
  return made;
}

export function tick(made) {
  const waited = (Date.now() + state.skew - Date.parse(made.dataset.since)) / 1000;
  const limit = Number(made.dataset.target);
  made.className = `clock ${waited > limit ? "late" : "wait"}`;
  made.textContent = waited > limit ? `no answer within ${span(limit)}` : `waiting ${span(waited)} of ${span(limit)}`;
}

export function words(post, text = post.text) {
  const gone = post.deleted ? "This was deleted by its author." : post.hidden ? "Hidden by the page." : null;
  return element("p", { class: gone ? "text gone" : "text", dir: "auto" }, gone ?? text);
}

export const time = (post) => element("time", { datetime: post.at, class: "quiet" }, clockTime(post.at));

export function badge(post) {
  if (post.writer === "app") return element("span", { class: "badge brand" }, "Brand");
  return post.writer === "native" ? element("span", { class: "badge brand" }, "Brand, by hand") : null;
}

export function byline(post, name = post.author.name, handle = null) {
  return element("div", { class: "byline" },
    element("b", { dir: "auto" }, name), handle && element("span", { class: "quiet", dir: "auto" }, handle), badge(post), time(post),
    post.edited ? element("span", { class: "quiet" }, "edited") : null);
}

export function action(post, what, label) {
  const said = `${label}: ${post.author.name}, ${post.text.slice(0, 60)}`;
  return element("button", { type: "button", class: "link", "data-post": post.id, "data-action": what, "aria-label": said }, label);
}

// What is not a customer's first thought.
function more(post) {
  const button = action(post, "more", "⋯");
  button.setAttribute("aria-label", `More: ${post.author.name}, ${post.text.slice(0, 60)}`);
  button.setAttribute("aria-expanded", String(state.opened.has(post.id)));
  return button;
}

// What can be done with a post, and how long it took: ``since`` the post itself, unless said otherwise.
export function foot(post, extra = null, since = post) {
  const buttons = post.deleted || post.private ? [] : [action(post, "reply", "Reply")];
  if (!post.deleted && !byBrand(post)) {
    buttons.push(more(post), action(post, "native", "Answer by hand"), action(post, "delete", "Delete"));
  }
  const passed = byBrand(post) || !since ? null : clock(since);
  const pieces = (post.private ? [...buttons, extra, passed] : [passed, extra, ...buttons]).filter(Boolean);
  return pieces.length ? element("div", { class: state.opened.has(post.id) ? "foot open" : "foot" }, ...pieces) : null;
}

export const fresh = (post) => (state.seen && byBrand(post) && !state.seen.has(post.id) ? " fresh" : "");
export const mark = (post) => `${byBrand(post) ? " byBrand" : ""}${fresh(post)}`;

export function single(post, { extra = "", name, handle = null, text, above = null } = {}) {
  const bubble = element("div", { class: "bubble" }, byline(post, name, handle), above, words(post, text));
  return element("article", { class: `post ${extra}${mark(post)}`, "data-id": post.id },
    avatar(post.author.name, post.author.id, byBrand(post)), element("div", {}, bubble, foot(post)));
}
