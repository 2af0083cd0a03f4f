// The branches' mailboxes. A mail's markup is shown in a sandboxed frame only; all else is set as text.

import { avatar, clockTime, element, find, regularly } from "/pages/dom.js";

const ALL = "";
const VIEWS = { html: "Message", text: "Plain text", headers: "Headers" };
const EVENTS = {
  Send: ["sent", ""], Delivery: ["delivered", "good"], Bounce: ["bounced", "late"], Complaint: ["marked as spam", "late"],
  DeliveryDelay: ["delayed", "wait"], Reject: ["rejected", "late"],
};
const STRANGER = "somebody.else@elsewhere.example";
const state = { mails: [], branch: ALL, thread: null, open: new Set(), views: new Map(), read: new Set(), version: null, first: true };

const nameOf = (mail, address) => mail.names[address] ?? address.split("@")[0];
const keyOf = (mail) => `${mail.thread} ${mail.to.join()}`;
const latest = (thread) => thread.mails[0];

// Newest thread first; in each the newest mail first.
function threads() {
  const found = new Map();
  for (const mail of state.mails) {
    if (state.branch !== ALL && !mail.to.includes(state.branch)) continue;
    const thread = found.get(keyOf(mail)) ?? { key: keyOf(mail), mails: [] };
    thread.mails.push(mail);
    found.set(thread.key, thread);
  }
  return [...found.values()];
}

const current = () => threads().find((thread) => thread.key === state.thread);

function branches() {
  const found = new Map();
  for (const mail of state.mails) {
    for (const address of mail.to) {
      const box = found.get(address) ?? { name: nameOf(mail, address), address, number: 0, unread: 0 };
      box.number += 1;
      box.unread += state.read.has(mail.id) ? 0 : 1;
      found.set(address, box);
    }
  }
  const sorted = [...found.values()].sort((one, other) => one.address.localeCompare(other.address));
  const unread = state.mails.filter((mail) => !state.read.has(mail.id)).length;
  return [{ name: "All mailboxes", address: ALL, number: state.mails.length, unread }, ...sorted];
}

function drawBranches() {
  const found = branches();
  find("branches").replaceChildren(...found.map(({ name, address, number, unread }) => element("li", {}, element("button", {
    type: "button", title: address || null, "aria-current": address === state.branch ? "true" : null,
    class: unread ? "unread" : null, onclick: () => chooseBranch(address),
  },
  element("span", { class: "name" }, name, address ? element("span", { class: "address" }, address) : null),
  element("span", { class: "number", "aria-label": `${number} mails, ${unread} unread` }, String(number))))));
  find("branch-choice").replaceChildren(...found.map(({ name, address, number }) => element("option", { value: address }, `${name} (${number})`)));
  find("branch-choice").value = state.branch;
}

function drawList() {
  const items = threads().map((thread) => {
    const mail = latest(thread);
    const unread = thread.mails.some((each) => !state.read.has(each.id));
    return element("li", {}, element("button", {
      type: "button", "data-thread": thread.key, class: unread ? "unread" : null,
      "aria-current": thread.key === state.thread ? "true" : null, onclick: () => open(thread.key),
    },
    element("span", { class: "top" },
      element("span", {}, mail.to.map((each) => nameOf(mail, each)).join(", ") || "no recipient"),
      thread.mails.length > 1 ? element("span", { class: "count", "aria-label": `${thread.mails.length} mails` }, String(thread.mails.length)) : null,
      element("time", { datetime: mail.at }, clockTime(mail.at))),
    element("span", { class: "subject", dir: "auto" }, mail.subject || "(no subject)"),
    element("span", { class: "snippet", dir: "auto" }, mail.snippet),
    chips(mail, (kind) => !["Send", "Delivery"].includes(kind))));
  });
  const none = element("li", { class: "empty" }, element("h2", {}, "No mail yet"), element("p", {}, "When a post needs a branch, its mail arrives here."));
  find("threads").replaceChildren(...(items.length ? items : [none]));
}

function chips(mail, wanted = () => true) {
  const kinds = [...new Set(mail.events.map((each) => each.kind))].filter(wanted);
  const last = kinds.includes("Delivery") ? kinds.filter((kind) => kind !== "Send") : kinds;
  if (!last.length) return null;
  return element("span", { class: "chips" }, ...last.map((kind) => element("span", { class: `chip ${EVENTS[kind]?.[1] ?? ""}` }, EVENTS[kind]?.[0] ?? kind)));
}

function drawThread() {
  const thread = current();
  document.body.dataset.pane = thread ? "mail" : "list";
  find("desk").hidden = !thread;
  if (!thread) {
    return find("reading").replaceChildren(element("div", { class: "empty" }, element("p", {}, state.mails.length ? "Choose a thread to read it." : "")));
  }
  drawSenders(latest(thread));
  const subject = thread.mails.at(-1).subject || "(no subject)";
  return find("reading").replaceChildren(
    element("header", {},
      element("button", { type: "button", class: "link back", onclick: () => open(null) }, "← All mails"),
      element("h2", { dir: "auto" }, subject)),
    ...thread.mails.map((mail) => drawMail(mail, mail === latest(thread) || state.open.has(mail.id))));
}

function drawMail(mail, unfolded) {
  const from = nameOf(mail, mail.from);
  const envelope = element("button", {
    type: "button", class: "envelope", "aria-expanded": String(unfolded), onclick: () => fold(mail),
  },
  avatar(from, mail.from, true),
  element("span", { class: "who" }, element("b", {}, from), element("span", { class: "small quiet" }, `to ${mail.to.join(", ")}`)),
  chips(mail),
  element("time", { datetime: mail.at }, new Date(mail.at).toLocaleString()));
  return element("article", { class: "mail", "data-mail": mail.id }, envelope,
    ...(unfolded ? [tabs(mail), element("div", { class: "view", role: "tabpanel" }, part(mail))] : []),
    ...mail.answers.map(drawAnswer));
}

function drawAnswer(answer) {
  const trust = answer.automatic ? "automatic reply" : answer.genuine ? "answer" : "not genuine: SES says FAIL";
  return element("div", { class: `answer${answer.genuine ? "" : " stranger"}` },
    element("div", { class: "small quiet" }, element("b", {}, answer.sender), ` · ${trust} · ${clockTime(answer.at)}`),
    element("p", { dir: "auto" }, answer.text));
}

function viewOf(mail) {
  const view = state.views.get(mail.id) ?? "html";
  return view === "html" && !mail.html ? "text" : view;
}

function tabs(mail) {
  const chosen = viewOf(mail);
  return element("div", { class: "views", role: "tablist", "aria-label": "Parts of the mail", onkeydown: turn }, ...Object.entries(VIEWS).map(([view, name]) => element("button", {
    type: "button", role: "tab", "data-view": view, "aria-selected": String(view === chosen), tabindex: view === chosen ? "0" : "-1",
    disabled: view === "html" && !mail.html,
    onclick: () => {
      state.views.set(mail.id, view);
      drawThread();
      document.querySelector(`[data-mail="${CSS.escape(mail.id)}"] [data-view="${view}"]`)?.focus();
    },
  }, name)));
}

function part(mail) {
  if (viewOf(mail) === "text") return element("pre", { dir: "auto", tabindex: "0" }, mail.text || "This mail has no text part.");
  if (viewOf(mail) === "headers") {
    const rows = mail.headers.map(([name, value]) => element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, value)));
    return element("table", {}, element("tbody", {}, ...rows));
  }
  return element("iframe", {
    sandbox: "allow-popups allow-popups-to-escape-sandbox", title: `Mail: ${mail.subject}`, src: `/mails/html?id=${encodeURIComponent(mail.id)}`,
  });
}

function drawSenders(mail) {
  const chosen = find("sender").value;
  const known = [...mail.to, STRANGER];
  find("sender").replaceChildren(...known.map((address) => element("option", { value: address }, address === STRANGER ? `somebody else (${address})` : address)));
  if (known.includes(chosen)) find("sender").value = chosen;
}

function turn(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const enabled = [...event.currentTarget.children].filter((tab) => !tab.disabled);
  enabled[(enabled.indexOf(event.target) + step + enabled.length) % enabled.length].click();
}

function fold(mail) {
  if (mail === latest(current())) return;
  if (!state.open.delete(mail.id)) state.open.add(mail.id);
  drawThread();
}

function chooseBranch(address) {
  state.branch = address;
  state.thread = null;
  drawBranches();
  drawList();
  drawThread();
}

function open(key) {
  const before = state.thread;
  state.thread = key;
  for (const mail of current()?.mails ?? []) state.read.add(mail.id);
  find("told").replaceChildren();
  history.replaceState(null, "", key ? `#${encodeURIComponent(latest(current()).id)}` : "#");
  drawBranches();
  drawList();
  drawThread();
  if (key) find("reading").focus({ preventScroll: true });
  else document.querySelector(`[data-thread="${CSS.escape(before ?? "")}"]`)?.focus();
}

async function does(name, more = {}) {
  const mail = latest(current());
  const told = find("told");
  told.textContent = "…";
  const buttons = [...find("desk").querySelectorAll("button")];
  for (const button of buttons) button.disabled = true;
  try {
    const response = await fetch(`/control/mail/${name}`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ id: mail.id, ...more }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error);
    told.replaceChildren(...result(name, answer, more, mail));
    await refresh();
    return true;
  } catch (error) {
    told.textContent = `That did not work: ${error.message}`;
    return false;
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

function result(name, answer, more, mail) {
  if (name === "scan") {
    const same = answer.opened.every((each) => each.unchanged);
    const rows = answer.opened.map((each) => element("li", {}, `${each.get} · ${mail.links.find((link) => link.url === each.url)?.words || each.url.slice(0, 60)}${each.unchanged ? "" : " · changed"}`));
    const sum = `${answer.opened.length} links were opened three times each: ${same ? "nothing changed" : "something changed"}.`;
    return [element("b", { class: same ? "fine" : "wrong" }, sum), element("ul", {}, ...rows)];
  }
  const words = {
    bounce: "The mail came back for good: no such mailbox.",
    complaint: "The mail was marked as spam.",
    delay: "The mail is late: the mailbox's system does not answer.",
    away: "The mailbox answered by itself that nobody is there.",
    reply: more.sender && !mail.to.includes(more.sender) ? "Sent as somebody else; SES finds it not genuine." : "Sent.",
  };
  return [words[name]];
}

async function refresh() {
  let mails;
  try {
    const response = await fetch("/mails", { cache: "no-store", headers: state.version ? { "If-None-Match": state.version } : {} });
    find("down").hidden = true;
    if (response.status === 304) return;
    mails = await response.json();
    state.version = response.headers.get("ETag");
  } catch {
    find("down").textContent = "The simulated platforms do not answer.";
    find("down").hidden = false;
    return;
  }
  const known = new Set(state.mails.map((mail) => mail.id));
  if (!state.first && mails.some((mail) => !known.has(mail.id))) find("live").textContent = "New mail";
  state.mails = mails;
  if (state.first && location.hash.length > 1) {
    const linked = mails.find((mail) => mail.id === decodeURIComponent(location.hash.slice(1)));
    if (linked) state.thread = keyOf(linked);
  }
  state.first = false;
  for (const mail of current()?.mails ?? []) state.read.add(mail.id);
  const focused = document.activeElement?.dataset?.thread;
  drawBranches();
  drawList();
  const drawn = JSON.stringify(current() ?? state.mails.length);
  if (drawn !== state.shown) drawThread();
  state.shown = drawn;
  if (focused) document.querySelector(`[data-thread="${CSS.escape(focused)}"]`)?.focus();
}

find("branch-choice").addEventListener("change", (event) => chooseBranch(event.target.value));
find("threads").addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const buttons = [...find("threads").querySelectorAll("button")];
  buttons[buttons.indexOf(document.activeElement) + step]?.focus();
  event.preventDefault();
});
find("answer").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = find("words").value.trim();
  if (text && await does("reply", { text, sender: find("sender").value })) find("words").value = "";
});
find("happens").addEventListener("click", (event) => {
  if (event.target.dataset.does) does(event.target.dataset.does);
});
drawThread();
regularly(2000, refresh);
