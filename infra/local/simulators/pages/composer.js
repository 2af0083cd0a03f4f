// Writing as a customer, or by hand as one of the brand's people.

import { element, find } from "/pages/dom.js";
import { PERSONAS } from "/pages/personas.js";
import { accountsOf, state } from "/pages/said.js";
import { sourceName } from "/pages/sources.js";

// What a customer does on a platform, first what most do; of other sources by their name.
const KINDS = {
  x: [["post", "Public post"], ["dm", "Direct message"]],
  facebook: [["post", "Post"]],
  messenger: [["message", "Message"]],
  instagram: [["comment", "Comment"], ["mention", "Mention"], ["message", "Message"], ["story_reply", "Story"]],
  whatsapp: [["message", "Message"]],
  reviews: [["review", "Review"]],
  "contact-centre": [["call", "Call"], ["email", "E-mail"]],
};
const ANYWHERE = [["post", "Public post"], ["message", "Private message"]];
const PRIVATE = ["dm", "message", "email", "call", "story_reply"];
let suggestion = 0;

const chosen = (name) => document.querySelector(`[name=${name}]:checked`)?.value;
const kinds = () => (state.channel === "generic" ? KINDS[find("account").value] ?? ANYWHERE : KINDS[state.channel]);
const kind = () => chosen("kind") ?? kinds()[0][0];
const verified = () => ["review", "call", "email"].includes(kind()) && find("persona").value !== "own";

function persona() {
  const which = find("persona").value;
  if (which !== "own") return PERSONAS[Number(which)];
  const name = find("own-name").value.trim();
  const handle = name.normalize("NFD").replace(/[^A-Za-z0-9_]/g, "").slice(0, 15);
  return { name, handle: handle || `guest${name.length}`, followers: 10, words: PERSONAS[0].words };
}

// Drawing

export function drawComposer() {
  const { channel, answering } = state;
  const native = answering?.native;
  drawKinds();
  const several = channel === "x" || channel === "generic";
  find("composer-title").textContent = native ? "Answer by hand, in the platform's own app" : "Post as a customer";
  find("who").hidden = Boolean(native);
  find("own").hidden = find("persona").value !== "own";
  find("kind-row").hidden = kinds().length < 2 || Boolean(answering);
  find("account-row").hidden = !several || Boolean(answering);
  find("account-label").textContent = channel === "generic" ? "Where" : "To";
  find("stars-row").hidden = kind() !== "review" || Boolean(answering);
  find("contact-row").hidden = !verified() || Boolean(answering);
  find("contact-label").textContent = `Verified as ${persona().email ?? ""}`;
  find("number-row").hidden = channel !== "whatsapp" || Boolean(native);
  find("answering").hidden = !answering;
  if (answering) find("answering").firstElementChild.textContent = `To ${answering.name}: ${answering.text}`;
  find("send").textContent = native || answering ? "Answer" : PRIVATE.includes(kind()) ? "Send" : "Post";
  find("hint").textContent = hint();
}

function drawKinds() {
  const row = find("kind-row");
  const wanted = kinds();
  if (row.dataset.kinds === JSON.stringify(wanted)) return;
  row.dataset.kinds = JSON.stringify(wanted);
  row.replaceChildren(...wanted.map(([value, label], index) =>
    element("label", {}, element("input", { type: "radio", name: "kind", value, checked: !index }), element("span", {}, label))));
}

function hint() {
  if (state.answering) return "";
  if (kind() === "call") return "What the contact centre's system would note of the call. No robot answers a call.";
  if (kind() === "email") return "Reaches the brand through the contact centre's system.";
  if (kind() === "story_reply") return "A private answer to a story of the brand.";
  if (kind() === "mention") return "On your own picture, where the brand learns ids only and has to look.";
  const handle = find("account").selectedOptions[0]?.dataset.handle;
  return state.channel === "x" && kind() === "post" && handle ? `@${handle} is put in front unless you name it.` : "";
}

export function drawAccounts() {
  const before = find("account").value;
  const options = accountsOf(state.channel).map((each) => {
    const name = state.channel === "generic" ? sourceName(each.id) : `${each.name} (@${each.handle})`;
    return element("option", { value: each.id, "data-handle": each.handle }, name);
  });
  find("account").replaceChildren(...options);
  const kept = options.some((each) => each.value === before);
  find("account").value = kept ? before : (state.channel === "generic" ? options[0] : options.at(-1))?.value ?? "";
}

export function say(text, tone = "") {
  find("said").textContent = text;
  find("said").className = `small ${tone}`;
}

// Asking the simulators

export async function ask(operation, content) {
  const response = await fetch(`/control/${operation}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(content),
  });
  const told = await response.json();
  if (!response.ok) throw new Error(told.details?.map((each) => each.what).join(", ") || told.error);
  return told;
}

function author() {
  const { name, handle, followers } = persona();
  if (state.channel === "x") return { name, handle, followers };
  if (state.channel === "whatsapp") return find("no-number").checked ? { name, handle } : { name };
  return ["instagram", "generic"].includes(state.channel) ? { name, handle } : { name };
}

function request() {
  const text = find("text").value.trim();
  const { channel, answering } = state;
  if (answering?.native) return ["native_reply", { channel, post_id: answering.id, text }];
  const { language, email } = persona();
  const content = { channel, author: author(), text, ...(language ? { language } : {}) };
  if (answering) return ["post", { ...content, account: answering.account, kind: "comment", parent_id: answering.id }];
  const what = { ...content, kind: kind() };
  if (channel === "x") return ["post", { ...what, text: called(text), account: find("account").value }];
  if (what.kind === "mention") what.text = called(text);
  if (channel !== "generic") return ["post", what];
  if (what.kind === "review") what.text = `${"★".repeat(find("stars").value)}${"☆".repeat(5 - find("stars").value)} ${text}`;
  if (verified() && find("verified").checked) what.contact = { email };
  return ["post", { ...what, account: find("account").value }];
}

// A platform tells the brand of words that name it only.
function called(text) {
  const handles = accountsOf(state.channel).map((each) => each.handle).filter(Boolean);
  if (PRIVATE.includes(kind()) || handles.some((each) => text.toLowerCase().includes(`@${each.toLowerCase()}`))) return text;
  const handle = state.channel === "x" ? find("account").selectedOptions[0].dataset.handle : handles[0];
  return `@${handle} ${text}`;
}

async function send(event, refresh) {
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

// Beginning to answer, or to go on

export function answer(post, native = false) {
  state.answering = post && { id: post.id, account: post.account, name: post.author.name, text: post.text, native };
  drawComposer();
  if (post) find("text").focus();
}

export function continueAs(post) {
  const known = PERSONAS.findIndex((each) => each.name === post.author.name);
  find("persona").value = known < 0 ? "own" : String(known);
  if (known < 0) find("own-name").value = post.author.name;
  find("no-number").checked = Boolean(post.author.handle);
  if (["x", "generic"].includes(post.channel)) find("account").value = post.account;
  drawComposer();
  const same = document.querySelector(`[name=kind][value=${post.kind === "dm" ? "dm" : "message"}]`);
  if (same) same.checked = true;
  answer(null);
  find("text").focus();
}

export function start(refresh) {
  find("persona").append(...PERSONAS.map((each, index) => element("option", { value: index }, `${each.name} (${each.language})`)),
    element("option", { value: "own" }, "Someone else…"));
  find("composer").addEventListener("submit", (event) => send(event, refresh));
  find("composer").addEventListener("change", drawComposer);
  find("answering-off").addEventListener("click", () => answer(null));
  find("suggest").addEventListener("click", () => {
    const { words: choices } = persona();
    const text = choices[suggestion++ % choices.length];
    find("text").value = text[0].toUpperCase() + text.slice(1);
    find("text").focus();
  });
  find("text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) find("composer").requestSubmit();
  });
}
