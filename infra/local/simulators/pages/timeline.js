// The public timeline: write as a customer, watch the brand answer.

import { avatar, clockTime, element, find, regularly, span } from "/pages/dom.js";
import { PERSONAS } from "/pages/personas.js";

const NAMES = { x: "X", facebook: "Facebook", messenger: "Messenger" };
const state = {
  channel: "x", posts: [], accounts: {}, targets: {}, tag: null, skew: 0,
  seen: null, answering: null, suggestion: 0,
};

// What the posts say together

const byBrand = (post) => post.writer !== "customer";
const inChannel = (channel) => state.posts.filter((post) => post.channel === channel);
const at = (post) => Date.parse(post.at);
const target = (post) => state.targets[post.private && post.channel === "x" ? "dm" : post.channel] ?? 0;

// In public an answer stands below its post; in a chat it is the brand's next word.
function answerTo(post) {
  if (byBrand(post)) return null;
  if (!post.private) return state.posts.find((each) => byBrand(each) && !each.deleted && each.parent_id === post.id) ?? null;
  return state.posts.find((each) => byBrand(each) && each.private && each.channel === post.channel
    && each.with === post.with && each.account === post.account && at(each) >= at(post)) ?? null;
}

function median(numbers) {
  if (!numbers.length) return null;
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

// The pieces of a thread

function clock(post) {
  const answer = answerTo(post);
  if (answer) {
    const seconds = (at(answer) - at(post)) / 1000;
    const intime = !target(post) || seconds <= target(post);
    return element("span", { class: `clock ${intime ? "good" : "late"}` },
      `answered after ${span(seconds)}`, element("span", { class: "sr" }, `, target ${span(target(post))}`));
  }
  if (post.deleted || post.hidden) return null;
  const made = element("span", { class: "clock wait", "data-since": post.at, "data-target": target(post) });
  tick(made);
  return made;
}

function tick(made) {
  const waited = (Date.now() + state.skew - Date.parse(made.dataset.since)) / 1000;
  const limit = Number(made.dataset.target);
  made.className = `clock ${waited > limit ? "late" : "wait"}`;
  made.textContent = waited > limit ? `no answer within ${span(limit)}` : `waiting ${span(waited)} of ${span(limit)}`;
}

function words(post) {
  const gone = post.deleted ? "This was deleted by its author." : post.hidden ? "Hidden by the page." : null;
  return element("p", { class: gone ? "text gone" : "text", dir: "auto" }, gone ?? post.text);
}

function byline(post) {
  const time = element("time", { datetime: post.at, class: "quiet" }, clockTime(post.at));
  const handle = post.channel === "x" && post.author.handle ? `@${post.author.handle}` : null;
  return element("div", { class: "byline" },
    element("b", { dir: "auto" }, post.author.name),
    handle && element("span", { class: "quiet" }, handle),
    post.writer === "app" ? element("span", { class: "badge brand" }, "Brand") : null,
    post.writer === "native" ? element("span", { class: "badge brand" }, "Brand, by hand") : null,
    time,
    post.edited ? element("span", { class: "quiet" }, "edited") : null);
}

function action(post, what, label) {
  const said = `${label}: ${post.author.name}, ${post.text.slice(0, 60)}`;
  return element("button", { type: "button", class: "link", "data-post": post.id, "data-action": what, "aria-label": said }, label);
}

function when(post) {
  const note = post.answers_comment ? "private reply to a comment" : post.writer === "native" ? "by hand" : null;
  return element("span", { class: "small quiet" }, [clockTime(post.at), note, post.edited ? "edited" : null].filter(Boolean).join(" · "));
}

function foot(post) {
  const buttons = post.deleted ? [] : [post.private ? null : action(post, "reply", "Reply")];
  if (!post.deleted && !byBrand(post)) buttons.push(action(post, "native", "Answer by hand"), action(post, "delete", "Delete"));
  const passed = byBrand(post) ? null : clock(post);
  if (post.private) return element("div", { class: "foot" }, ...buttons, when(post), passed);
  const pieces = [passed, ...buttons].filter(Boolean);
  return pieces.length ? element("div", { class: "foot" }, ...pieces) : null;
}

function fresh(post) {
  return state.seen && byBrand(post) && !state.seen.has(post.id) ? " fresh" : "";
}

function single(post, extra, last = false) {
  const bubble = element("div", { class: "bubble" }, byline(post), words(post));
  const mark = `${byBrand(post) ? " byBrand" : ""}${last ? " last" : ""}${fresh(post)}`;
  return element("article", { class: `post ${extra}${mark}`, "data-id": post.id },
    avatar(post.author.name, post.author.id, byBrand(post)), element("div", {}, bubble, foot(post)));
}

function flatThread(root, posts) {
  const children = (parent) => posts.filter((post) => post.parent_id === parent.id).flatMap((post) => [post, ...children(post)]);
  const whole = [root, ...children(root)];
  const shown = whole.map((post, index) => single(post, index ? "" : "root", index === whole.length - 1));
  return element("div", { class: "card thread x", "data-thread": root.id }, ...shown);
}

function treeThread(root, posts) {
  const below = (parent) => {
    const children = posts.filter((post) => post.parent_id === parent.id);
    if (!children.length) return null;
    return element("div", { class: "below" }, ...children.flatMap((post) => [single(post, ""), below(post)].filter(Boolean)));
  };
  return element("div", { class: "card thread facebook", "data-thread": root.id }, single(root, "root"), below(root));
}

function chat(posts) {
  const first = posts.find((post) => !byBrand(post)) ?? posts[0];
  const customer = byBrand(first) ? commenter(first) : first.author;
  const account = state.accounts[first.channel]?.find((each) => each.id === first.account);
  const brand = account?.handle ? `@${account.handle}` : account?.name ?? "the brand";
  const items = posts.map((post) => {
    return element("li", { class: (byBrand(post) ? "byBrand" : "") + fresh(post), "data-id": post.id },
      element("div", { class: "bubble" }, element("span", { class: "sr" }, `${post.author.name}: `), words(post)), foot(post));
  });
  const title = element("div", {}, element("b", { dir: "auto" }, customer.name), element("div", { class: "small quiet" }, `with ${brand}`));
  const write = byBrand(first) ? null : action(first, "continue", "Continue");
  return element("section", { class: "card thread chat", "data-thread": `chat-${first.with}-${first.account}`, "aria-label": `Chat of ${customer.name} with ${brand}` },
    element("header", {}, avatar(customer.name, customer.id), title, write), element("ol", { tabindex: "0", "aria-label": "Messages" }, ...items));
}

const commenter = (post) => state.posts.find((each) => each.id === post.answers_comment)?.author ?? { name: "Somebody", id: post.with };

function grouped(posts, key) {
  const groups = new Map();
  for (const post of posts) groups.set(key(post), [...(groups.get(key(post)) ?? []), post]);
  return [...groups.values()];
}

function threads(channel) {
  const posts = inChannel(channel);
  const open = posts.filter((post) => !post.private);
  const known = new Set(open.map((post) => post.id));
  const roots = open.filter((post) => !known.has(post.parent_id));
  const build = channel === "x" ? flatThread : treeThread;
  const latest = (group) => Math.max(...group.map(at));
  const inThread = (root) => open.filter((post) => post.id === root.id || post.root_id === root.root_id);
  const publicly = roots.map((root) => [latest(inThread(root)), () => build(root, open)]);
  const privately = grouped(posts.filter((post) => post.private), (post) => `${post.with} ${post.account}`)
    .map((group) => [latest(group), () => chat(group)]);
  return [...publicly, ...privately].sort(([one], [other]) => other - one).map(([, made]) => made());
}

// Drawing

function draw() {
  const panel = find("threads");
  const focused = document.activeElement?.dataset ?? {};
  const made = threads(state.channel);
  panel.replaceChildren(...(made.length ? made : [nothing()]));
  panel.setAttribute("aria-labelledby", `tab-${state.channel}`);
  for (const list of panel.querySelectorAll(".chat ol")) list.scrollTop = list.scrollHeight;
  if (focused.post) panel.querySelector(`[data-post="${CSS.escape(focused.post)}"][data-action="${focused.action}"]`)?.focus();
  for (const tab of document.querySelectorAll("[role=tab]")) {
    const chosen = tab.dataset.channel === state.channel;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    const count = inChannel(tab.dataset.channel).filter((post) => !byBrand(post)).length;
    tab.querySelector(".count").textContent = count || "";
  }
  drawFigures();
}

function nothing() {
  return element("div", { class: "card empty" }, element("h2", {}, `Nothing on ${NAMES[state.channel]} yet`),
    element("p", {}, "Post as a customer, and the brand's answer appears here."));
}

function drawFigures() {
  const asked = inChannel(state.channel).filter((post) => !byBrand(post));
  const seconds = asked.flatMap((post) => { const answer = answerTo(post); return answer ? [(at(answer) - at(post)) / 1000] : []; });
  const middle = median(seconds);
  find("figure-posts").textContent = asked.length;
  find("figure-answered").textContent = seconds.length;
  find("figure-median").textContent = middle === null ? "–" : short(middle);
  find("figure-target").textContent = state.targets[state.channel] ? span(state.targets[state.channel]) : "–";
}

const short = (seconds) => (seconds < 60 ? span(seconds) : seconds < 3600 ? `${(seconds / 60).toFixed(1)} min` : span(seconds));

function announce(posts) {
  const said = posts.filter((post) => state.seen && byBrand(post) && !state.seen.has(post.id));
  if (said.length) find("live").textContent = said.map((post) => `${post.author.name} answered: ${post.text}`).join(". ");
}

// The composer

function persona() {
  const chosen = find("persona").value;
  if (chosen !== "own") return PERSONAS[Number(chosen)];
  const name = find("own-name").value.trim();
  const handle = name.normalize("NFD").replace(/[^A-Za-z0-9_]/g, "").slice(0, 15);
  return { name, handle: handle || `guest${name.length}`, followers: 10, words: PERSONAS[0].words };
}

const isPrivate = () => state.channel === "messenger" || (state.channel === "x" && document.querySelector("[name=kind]:checked").value === "dm");

function drawComposer() {
  const { channel, answering } = state;
  const native = answering?.native;
  find("composer-title").textContent = native ? "Answer by hand, in the platform's own app" : "Post as a customer";
  find("who").hidden = Boolean(native);
  find("own").hidden = find("persona").value !== "own";
  find("kind-row").hidden = channel !== "x" || Boolean(answering);
  find("account-row").hidden = channel !== "x" || Boolean(answering);
  find("answering").hidden = !answering;
  if (answering) find("answering").firstElementChild.textContent = `To ${answering.name}: ${answering.text}`;
  find("send").textContent = native || answering ? "Answer" : isPrivate() ? "Send" : "Post";
  const handle = find("account").selectedOptions[0]?.dataset.handle;
  find("hint").textContent = channel === "x" && !isPrivate() && !answering && handle ? `@${handle} is put in front unless you name it.` : "";
}

function drawAccounts() {
  const chosen = find("account").value;
  const options = (state.accounts.x ?? []).map((each) => element("option", { value: each.id, "data-handle": each.handle }, `${each.name} (@${each.handle})`));
  find("account").replaceChildren(...options);
  find("account").value = options.some((each) => each.value === chosen) ? chosen : options.at(-1)?.value;
}

function say(text, kind = "") {
  find("said").textContent = text;
  find("said").className = `small ${kind}`;
}

async function ask(operation, content) {
  const response = await fetch(`/control/${operation}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(content),
  });
  const told = await response.json();
  if (!response.ok) throw new Error(told.details?.map((each) => each.what).join(", ") || told.error);
  return told;
}

function request() {
  const text = find("text").value.trim();
  const { channel, answering } = state;
  if (answering?.native) return ["native_reply", { channel, post_id: answering.id, text }];
  const { name, handle, followers, language } = persona();
  const author = channel === "x" ? { name, handle, followers } : { name };
  const content = { channel, author, text, ...(language ? { language } : {}) };
  if (answering) return ["post", { ...content, kind: "comment", parent_id: answering.id }];
  if (channel !== "x") return ["post", { ...content, kind: channel === "messenger" ? "message" : "post" }];
  const account = find("account");
  const named = (state.accounts.x ?? []).some((each) => text.toLowerCase().includes(`@${each.handle.toLowerCase()}`));
  const called = isPrivate() || named ? text : `@${account.selectedOptions[0].dataset.handle} ${text}`;
  return ["post", { ...content, text: called, account: account.value, kind: isPrivate() ? "dm" : "post" }];
}

async function send(event) {
  event.preventDefault();
  if (!find("text").value.trim()) return;
  if (find("persona").value === "own" && !find("own-name").value.trim()) return find("own-name").focus();
  find("send").disabled = true;
  say("Sending…");
  try {
    const [operation, content] = request();
    const told = await ask(operation, content);
    const status = told.deliveries[0]?.status;
    if (!told.deliveries.length) say("Posted. The platform tells the brand of posts that name it only.");
    else if (status === 200) say("Posted, and the webhook was taken.", "good");
    else say(`Posted, but the webhook was not taken (${status || "no answer"}). It is tried again.`, "bad");
    find("text").value = "";
    answer(null);
    await refresh();
  } catch (error) {
    say(error.message, "bad");
  }
  find("send").disabled = false;
}

function answer(post, native = false) {
  state.answering = post && { id: post.id, name: post.author.name, text: post.text, native };
  drawComposer();
  if (post) find("text").focus();
}

async function act({ post: id, action: what }) {
  const post = state.posts.find((each) => each.id === id);
  if (what === "delete") {
    await ask("delete", { post_id: id });
    return refresh();
  }
  if (what === "continue") return continueAs(post);
  return answer(post, what === "native");
}

function continueAs(post) {
  const known = PERSONAS.findIndex((each) => each.name === post.author.name);
  find("persona").value = known < 0 ? "own" : String(known);
  if (known < 0) find("own-name").value = post.author.name;
  if (post.channel === "x") {
    document.querySelector("[name=kind][value=dm]").checked = true;
    find("account").value = post.account;
  }
  answer(null);
  find("text").focus();
}

function choose(channel) {
  state.channel = channel;
  location.hash = channel;
  answer(null);
  say("");
  draw();
}

// Keeping up

async function refresh() {
  try {
    const response = await fetch("/posts", { cache: "no-store", headers: state.tag ? { "If-None-Match": state.tag } : {} });
    if (response.status === 304) return;
    const told = await response.json();
    state.tag = response.headers.get("ETag");
    state.skew = Date.parse(told.now) - Date.now();
    Object.assign(state, { posts: told.posts, accounts: told.accounts, targets: told.targets });
    announce(told.posts);
    drawAccounts();
    drawComposer();
    draw();
    state.seen = new Set(told.posts.map((post) => post.id));
  } catch {
    say("The simulated platforms do not answer.", "bad");
  }
}

find("persona").append(...PERSONAS.map((each, index) => element("option", { value: index }, `${each.name} (${each.language})`)),
  element("option", { value: "own" }, "Someone else…"));
find("composer").addEventListener("submit", send);
find("composer").addEventListener("change", drawComposer);
find("answering-off").addEventListener("click", () => answer(null));
find("suggest").addEventListener("click", () => {
  const { words: choices } = persona();
  const text = choices[state.suggestion++ % choices.length];
  find("text").value = text[0].toUpperCase() + text.slice(1);
  find("text").focus();
});
find("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) find("composer").requestSubmit();
});
find("threads").addEventListener("click", (event) => {
  const button = event.target.closest("[data-action]");
  if (button) act(button.dataset).catch((error) => say(error.message, "bad"));
});
const tabs = [...document.querySelectorAll("[role=tab]")];
for (const tab of tabs) {
  tab.addEventListener("click", () => choose(tab.dataset.channel));
  tab.addEventListener("keydown", ({ key }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    choose(next.dataset.channel);
    next.focus();
  });
}
if (location.hash.slice(1) in NAMES) state.channel = location.hash.slice(1);
setInterval(() => document.querySelectorAll("[data-since]").forEach(tick), 1000);
regularly(1000, refresh);
