// Everything said on the simulated platforms, and what posts say together.

export const state = {
  channel: "x", posts: [], accounts: {}, targets: {}, tag: null, skew: 0, seen: null, answering: null, opened: new Set(),
};

export const byBrand = (post) => post.writer !== "customer";
export const at = (post) => Date.parse(post.at);
export const inChannel = (channel) => state.posts.filter((post) => post.channel === channel);
export const postOf = (id) => state.posts.find((post) => post.id === id);
export const accountsOf = (channel) => state.accounts[channel] ?? [];
export const accountOf = (post) => accountsOf(post.channel).find((each) => each.id === post.account);

// Seconds until the first answer is due; 0: no robot answers here, people do.
export function target(post) {
  const { targets } = state;
  const publicly = targets[post.account] ?? targets[post.channel] ?? 0;
  const chatOnly = ["messenger", "whatsapp"].includes(post.channel);
  return post.private && publicly && !chatOnly ? targets.dm ?? publicly : publicly;
}

// In public an answer stands below its post, or is a private reply to it; in a chat it is the brand's next word.
export function answerTo(post) {
  if (byBrand(post)) return null;
  const others = state.posts.filter((each) => byBrand(each) && !each.deleted);
  const below = others.find((each) => (each.parent_id === post.id && each.private === post.private) || each.answers_comment === post.id);
  if (below || !post.private) return below ?? null;
  return others.find((each) => each.private && each.channel === post.channel && each.with === post.with
    && each.account === post.account && at(each) >= at(post)) ?? null;
}

export function median(numbers) {
  if (!numbers.length) return null;
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function grouped(posts, key) {
  const groups = new Map();
  for (const post of posts) groups.set(key(post), [...(groups.get(key(post)) ?? []), post]);
  return [...groups.values()];
}

export const latest = (posts) => Math.max(...posts.map(at));

// The posts that answer none of the others.
export function rootsOf(posts) {
  const known = new Set(posts.map((post) => post.id));
  return posts.filter((post) => !known.has(post.parent_id));
}

export function whole(root, posts) {
  return [root, ...posts.filter((post) => post.parent_id === root.id).flatMap((post) => whole(post, posts))];
}
