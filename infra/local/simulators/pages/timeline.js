// The public timeline: write as a customer, watch the brand answer. One tab for each platform, in its own idiom.

import { element, find, regularly, span } from "/pages/dom.js";
import { chat, chatsIn } from "/pages/chats.js";
import { answer, ask, continueAs, drawAccounts, drawComposer, say, start } from "/pages/composer.js";
import { mediaThread, pictureOf } from "/pages/media.js";
import { tick } from "/pages/pieces.js";
import { accountsOf, answerTo, at, byBrand, grouped, inChannel, latest, median, postOf, rootsOf, state, whole } from "/pages/said.js";
import { sourceThreads } from "/pages/sources.js";
import { flatThread, treeThread } from "/pages/threads.js";

const NAMES = { x: "X", facebook: "Facebook", messenger: "Messenger", instagram: "Instagram", whatsapp: "WhatsApp", generic: "other sources" };

// Public words of a platform, each thread with its posts and how it is drawn.
const PUBLIC = {
  x: (open) => rootsOf(open).map((root) => [whole(root, open), () => flatThread(root, open)]),
  facebook: (open) => rootsOf(open).map((root) => [whole(root, open), () => treeThread(root, open)]),
  instagram: (open) => {
    const brand = accountsOf("instagram")[0]?.handle ?? "the brand";
    return grouped(open, pictureOf).map((group) => [group, () => mediaThread(group, brand)]);
  },
};

function threads(channel) {
  const posts = inChannel(channel);
  const open = posts.filter((post) => !post.private);
  const made = channel === "generic" ? sourceThreads(posts)
    : [...(PUBLIC[channel]?.(open) ?? []), ...chatsIn(posts).map((group) => [group, () => chat(group)])];
  return made.sort(([one], [other]) => latest(other) - latest(one)).map(([, drawn]) => drawn());
}

// Drawing

const tabs = [...document.querySelectorAll("[role=tab]")];

function draw() {
  const panel = find("threads");
  const focused = document.activeElement?.dataset ?? {};
  const made = threads(state.channel);
  document.body.dataset.channel = state.channel;
  panel.replaceChildren(...(made.length ? made : [nothing()]));
  panel.setAttribute("aria-labelledby", `tab-${state.channel}`);
  for (const list of panel.querySelectorAll(".chat ol")) list.scrollTop = list.scrollHeight;
  if (focused.post) panel.querySelector(`[data-post="${CSS.escape(focused.post)}"][data-action="${focused.action}"]`)?.focus();
  for (const tab of tabs) {
    const chosen = tab.dataset.channel === state.channel;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    tab.hidden = !chosen && state.tag !== null && !accountsOf(tab.dataset.channel).length;
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
  const seconds = asked.flatMap((post) => { const found = answerTo(post); return found ? [(at(found) - at(post)) / 1000] : []; });
  const middle = median(seconds);
  const limit = state.targets[state.channel];
  find("figure-posts").textContent = asked.length;
  find("figure-answered").textContent = seconds.length;
  find("figure-median").textContent = middle === null ? "–" : short(middle);
  find("figure-target").textContent = limit ? span(limit) : "–";
}

const short = (seconds) => (seconds < 60 ? span(seconds) : seconds < 3600 ? `${(seconds / 60).toFixed(1)} min` : span(seconds));

function announce(posts) {
  const said = posts.filter((post) => state.seen && byBrand(post) && !state.seen.has(post.id));
  if (said.length) find("live").textContent = said.map((post) => `${post.author.name} answered: ${post.text}`).join(". ");
}

// What is clicked

async function act({ post: id, action: what }) {
  const post = postOf(id);
  if (what === "more") {
    if (!state.opened.delete(id)) state.opened.add(id);
    return draw();
  }
  if (what === "delete") {
    await ask("delete", { post_id: id });
    return refresh();
  }
  if (what === "read") {
    await ask("status", { post_id: id, status: "read" });
    return refresh();
  }
  if (what === "continue") return continueAs(post);
  return answer(post, what === "native");
}

function choose(channel) {
  state.channel = channel;
  location.hash = channel;
  drawAccounts();
  answer(null);
  say("");
  draw();
  showTab();
}

// On a phone the tabs are wider than the screen.
function showTab() {
  const tab = find(`tab-${state.channel}`);
  tab.parentElement.scrollLeft = tab.offsetLeft - (tab.parentElement.clientWidth - tab.offsetWidth) / 2;
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
    if (!state.seen) showTab();
    state.seen = new Set(told.posts.map((post) => post.id));
  } catch {
    say("The simulated platforms do not answer.", "bad");
  }
}

find("threads").addEventListener("click", (event) => {
  const button = event.target.closest("[data-action]");
  if (button) act(button.dataset).catch((error) => say(error.message, "bad"));
});
for (const tab of tabs) {
  tab.addEventListener("click", () => choose(tab.dataset.channel));
  tab.addEventListener("keydown", ({ key }) => {
    const shown = tabs.filter((each) => !each.hidden);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    const next = step ? shown[(shown.indexOf(tab) + step + shown.length) % shown.length] : { Home: shown[0], End: shown.at(-1) }[key];
    if (!next) return;
    choose(next.dataset.channel);
    next.focus();
  });
}
if (location.hash.slice(1) in NAMES) state.channel = location.hash.slice(1);
document.body.dataset.channel = state.channel;
start(refresh);
setInterval(() => document.querySelectorAll("[data-since]").forEach(tick), 1000);
regularly(1000, refresh);
