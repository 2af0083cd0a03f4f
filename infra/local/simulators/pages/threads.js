// What is said in public: X's threads, one below the other, and Facebook's comments, a tree.

import { element } from "/pages/dom.js";
import { single } from "/pages/pieces.js";
import { whole } from "/pages/said.js";

const handleOf = (post) => (post.author.handle ? `@${post.author.handle}` : null);

export function flatThread(root, posts, look = "x") {
  const all = whole(root, posts);
  const shown = all.map((post, index) => {
    const place = `${index ? "" : "root"}${index === all.length - 1 ? " last" : ""}`;
    return single(post, { extra: place, handle: handleOf(post) });
  });
  return element("div", { class: `card thread flat ${look}`, "data-thread": root.id }, ...shown);
}

export function treeThread(root, posts) {
  return element("div", { class: "card thread tree", "data-thread": root.id }, single(root, { extra: "root" }), below(root, posts));
}

function below(parent, posts) {
  const children = posts.filter((post) => post.parent_id === parent.id);
  if (!children.length) return null;
  return element("div", { class: "below" }, ...children.flatMap((post) => [single(post), below(post, posts)].filter(Boolean)));
}
