// Instagram: a picture with its comments as a list, answers one step in.

import { avatar, element } from "/pages/dom.js";
import { badge, foot, mark, time, words } from "/pages/pieces.js";
import { byBrand, postOf, rootsOf, whole } from "/pages/said.js";

// Whoever mentions the brand does it on a picture of their own; everybody else writes below the brand's.
export function pictureOf(post) {
  const parent = postOf(post.parent_id);
  if (parent) return pictureOf(parent);
  return post.kind === "mention" ? post.id : post.root_id;
}

export function mediaThread(posts, brand) {
  const [first] = posts;
  const elsewhere = first.kind === "mention";
  const owner = elsewhere ? first.author.handle ?? first.author.name : brand;
  const caption = elsewhere ? "My new kitchen!" : "Sunday bread, fresh from the oven.";
  const roots = rootsOf(posts);
  return element("section", { class: "card thread media", "data-thread": `media-${first.root_id}`, "aria-label": `Picture of ${owner} with comments` },
    element("header", {}, avatar(owner, owner, !elsewhere), element("b", { dir: "auto" }, owner)),
    element("div", { class: elsewhere ? "photo theirs" : "photo", role: "img", "aria-label": elsewhere ? "A kitchen with a hob below a window" : "A loaf of bread in an oven" }),
    element("div", { class: "comments" },
      element("p", { class: "caption" }, element("b", { dir: "auto" }, owner), " ", caption),
      ...roots.map((root) => element("div", { class: "talk" }, ...whole(root, posts).map((post) => comment(post, post !== root))))));
}

function comment(post, answer) {
  const name = post.author.handle ?? post.author.name;
  const text = words(post);
  text.prepend(element("b", {}, name), " ");
  return element("article", { class: `post ${answer ? "answer" : ""}${mark(post)}`, "data-id": post.id },
    avatar(post.author.name, post.author.id, byBrand(post)),
    element("div", {}, element("div", { class: "bubble" }, text), foot(post, element("span", { class: "small quiet meta" }, time(post), badge(post)))));
}
