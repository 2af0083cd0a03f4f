// The branches' mailboxes. A mail's markup is shown in a sandboxed frame only; all else is set as text.

import { avatar, clockTime, element, find, regularly } from "/pages/dom.js";

const ALL = "";
const VIEWS = { html: "Message", text: "Plain text", headers: "Headers" };
const state = { mails: [], branch: ALL, mail: null, view: "html", read: new Set(), drawn: null };

const shown = () => state.mails.filter((mail) => state.branch === ALL || mail.to.some((each) => each.address === state.branch));
const current = () => state.mails.find((mail) => mail.id === state.mail);

function branches() {
  const found = new Map();
  for (const mail of state.mails) {
    for (const { name, address } of mail.to) found.set(address, { name, address, number: (found.get(address)?.number ?? 0) + 1 });
  }
  const sorted = [...found.values()].sort((one, other) => one.address.localeCompare(other.address));
  return [{ name: "All mailboxes", address: ALL, number: state.mails.length }, ...sorted];
}

function drawBranches() {
  const found = branches();
  const items = found.map(({ name, address, number }) => element("li", {}, element("button", {
    type: "button", title: address || null, "aria-current": address === state.branch ? "true" : null, onclick: () => chooseBranch(address),
  }, element("span", { class: "name" }, name), element("span", { class: "number", "aria-label": `${number} mails` }, String(number)))));
  find("branches").replaceChildren(...items);
  find("branch-choice").replaceChildren(...found.map(({ name, address, number }) => element("option", { value: address }, `${name} (${number})`)));
  find("branch-choice").value = state.branch;
}

function drawList() {
  const items = shown().map((mail) => element("li", {}, element("button", {
    type: "button", "data-mail": mail.id, class: state.read.has(mail.id) ? null : "unread",
    "aria-current": mail.id === state.mail ? "true" : null, onclick: () => open(mail.id),
  },
  element("span", { class: "top" }, element("span", {}, mail.to.map((each) => each.name).join(", ") || "no recipient"), element("time", { datetime: mail.at }, clockTime(mail.at))),
  element("span", { class: "subject", dir: "auto" }, mail.subject),
  element("span", { class: "snippet", dir: "auto" }, mail.snippet))));
  const none = element("li", { class: "empty" }, element("h2", {}, "No mail yet"), element("p", {}, "When a post needs a branch, its mail arrives here."));
  find("mails").replaceChildren(...(items.length ? items : [none]));
}

function drawMail() {
  const mail = current();
  const pane = find("reading");
  document.body.dataset.pane = mail ? "mail" : "list";
  if (!mail) return pane.replaceChildren(element("div", { class: "empty" }, element("p", {}, state.mails.length ? "Choose a mail to read it." : "")));
  if (state.view === "html" && !mail.html) state.view = "text";
  const tabs = Object.entries(VIEWS).map(([view, name]) => element("button", {
    type: "button", role: "tab", id: `view-${view}`, "aria-controls": "view", "aria-selected": String(view === state.view),
    tabindex: view === state.view ? "0" : "-1", disabled: view === "html" && !mail.html,
    onclick: () => { state.view = view; drawMail(); find(`view-${view}`).focus(); },
  }, name));
  const tablist = element("div", { class: "views", role: "tablist", "aria-label": "Parts of the mail", onkeydown: turn }, ...tabs);
  return pane.replaceChildren(
    element("header", {},
      element("button", { type: "button", class: "link back", onclick: () => open(null) }, "← All mails"),
      element("h2", { dir: "auto" }, mail.subject),
      element("div", { class: "envelope" }, avatar(mail.from.name, mail.from.address, true),
        element("div", {}, element("b", {}, mail.from.name), element("div", { class: "small quiet" }, `to ${mail.to.map((each) => each.address).join(", ")}`)),
        element("time", { datetime: mail.at }, new Date(mail.at).toLocaleString())),
      tablist),
    element("div", { class: "view", id: "view", role: "tabpanel", "aria-labelledby": `view-${state.view}` }, part(mail)));
}

function part(mail) {
  if (state.view === "text") return element("pre", { dir: "auto", tabindex: "0" }, mail.text || "This mail has no text part.");
  if (state.view === "headers") {
    const rows = Object.entries(mail.headers).map(([name, value]) => element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, value)));
    return element("table", {}, element("tbody", {}, ...rows));
  }
  return element("iframe", {
    sandbox: "allow-popups allow-popups-to-escape-sandbox", title: `Mail: ${mail.subject}`, src: `/mails/html?id=${encodeURIComponent(mail.id)}`,
  });
}

function turn(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const tabs = [...event.currentTarget.children].filter((tab) => !tab.disabled);
  tabs[(tabs.indexOf(event.target) + step + tabs.length) % tabs.length].click();
}

function chooseBranch(address) {
  state.branch = address;
  state.mail = null;
  drawBranches();
  drawList();
  drawMail();
}

function open(id) {
  const before = state.mail;
  state.mail = id;
  if (id) state.read.add(id);
  history.replaceState(null, "", id ? `#${encodeURIComponent(id)}` : "#");
  drawList();
  drawMail();
  if (id) find("reading").focus({ preventScroll: true });
  else document.querySelector(`[data-mail="${CSS.escape(before ?? "")}"]`)?.focus();
}

async function refresh() {
  let told;
  try {
    const response = await fetch("/mails", { cache: "no-store" });
    told = await response.json();
    if (!response.ok) throw new Error(told.error);
  } catch (error) {
    find("down").textContent = error instanceof TypeError ? "The simulated platforms do not answer." : error.message;
    find("down").hidden = false;
    return;
  }
  find("down").hidden = true;
  const ids = told.mails.map((mail) => mail.id).join();
  if (ids === state.drawn) return;
  const first = state.drawn === null;
  if (!first) find("live").textContent = "New mail";
  state.drawn = ids;
  state.mails = told.mails;
  const focused = document.activeElement?.dataset?.mail;
  drawBranches();
  drawList();
  if (first || !current()) drawMail();
  if (focused) document.querySelector(`[data-mail="${CSS.escape(focused)}"]`)?.focus();
}

find("branch-choice").addEventListener("change", (event) => chooseBranch(event.target.value));
find("mails").addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const buttons = [...find("mails").querySelectorAll("button")];
  buttons[buttons.indexOf(document.activeElement) + step]?.focus();
  event.preventDefault();
});
if (location.hash.length > 1) state.mail = decodeURIComponent(location.hash.slice(1));
if (state.mail) state.read.add(state.mail);
drawMail();
regularly(2000, refresh);
