// The desk's page: sign-in by authorization code with PKCE, then what the API tells. All texts go in as text, never as
// markup. Tokens live in this tab's session only; when they end, the visitor signs in again.

const CHANNELS = { x: "X", facebook: "Facebook", messenger: "Messenger", instagram: "Instagram", whatsapp: "WhatsApp" };
const kept = sessionStorage;
const main = document.getElementById("content");
const notice = document.getElementById("notice");
const languages = document.getElementById("language");

let config, words, language;
let drawing = 0;

// -- words ----------------------------------------------------------------------------------------------------------

function say(name, values = {}) {
  const text = words[language][name] ?? words.en[name] ?? name;
  return text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

function speak(chosen) {
  language = words[chosen] ? chosen : "en";
  languages.value = language;
  document.documentElement.lang = language;
  document.title = say("title");
  for (const each of document.querySelectorAll("[data-words]")) each.textContent = say(each.dataset.words);
}

function duration(minutes) {
  if (minutes === null) return say("none");
  if (minutes < 60) return say("minutes", { minutes });
  return say("hours", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

function when(moment, timeZone) {
  const format = { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone, timeZoneName: "short" };
  const theirs = navigator.languages.find((each) => each.startsWith(language)) ?? language; // en-GB, not just English
  return new Date(moment).toLocaleString(theirs, format);
}

// -- building -------------------------------------------------------------------------------------------------------

function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter((child) => child !== null));
  return made;
}

function fact(name, value, className = "") {
  return make("div", { className }, make("dt", {}, name), make("dd", {}, value));
}

function show(...children) {
  notice.hidden = true;
  main.replaceChildren(...children);
}

function complain(text) {
  notice.textContent = text;
  notice.hidden = false;
}

// -- sign-in --------------------------------------------------------------------------------------------------------

function base64url(bytes) {
  return btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const secret = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

async function endpoints() {
  if (config.endpoints) return config.endpoints;
  const answer = await fetch(`${config.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`, { credentials: "omit" });
  const found = await answer.json();
  if (found.issuer !== config.issuer) throw new Error("the discovery document names another issuer");
  let sign_out = found.end_session_endpoint ?? null;
  if (sign_out) {
    sign_out = new URL(sign_out);
    sign_out.searchParams.set("client_id", config.client_id);
    sign_out.searchParams.set("post_logout_redirect_uri", config.redirect_uri);
  }
  return { authorize: found.authorization_endpoint, token: found.token_endpoint, sign_out };
}

async function signIn() {
  const flow = { state: secret(), nonce: secret(), verifier: secret(), hash: location.hash };
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(flow.verifier));
  const target = new URL((await endpoints()).authorize);
  target.search = new URLSearchParams({
    response_type: "code",
    client_id: config.client_id,
    redirect_uri: config.redirect_uri,
    scope: config.scope,
    state: flow.state,
    nonce: flow.nonce,
    code_challenge: base64url(digest),
    code_challenge_method: "S256",
    ui_locales: language,
  });
  kept.setItem("flow", JSON.stringify(flow));
  location.assign(target);
}

// The issuer sent the visitor back: exchange the code, once, and only if we asked for it.
async function returned(answer) {
  const flow = JSON.parse(kept.getItem("flow") ?? "null");
  kept.removeItem("flow");
  forget();
  history.replaceState(null, "", config.redirect_uri + (flow?.hash ?? ""));
  if (!flow || answer.get("state") !== flow.state || !answer.get("code")) throw new Error("this is no answer to our question");
  const exchanged = await fetch((await endpoints()).token, {
    method: "POST",
    credentials: "omit",
    redirect: "error",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: config.client_id,
      redirect_uri: config.redirect_uri,
      code: answer.get("code"),
      code_verifier: flow.verifier,
    }),
  });
  if (!exchanged.ok) throw new Error(`the issuer answered ${exchanged.status}`);
  const tokens = await exchanged.json();
  // It came straight from the issuer's token endpoint, so its claims count without looking at the signature
  // (OpenID Connect Core 3.1.3.7); the API looks at the access token's.
  const claims = claimsOf(tokens.id_token);
  const meant = [claims.aud].flat().includes(config.client_id);
  if (claims.iss !== config.issuer || !meant || claims.nonce !== flow.nonce || claims.exp * 1000 < Date.now()) {
    throw new Error("the token is not made out to us");
  }
  kept.setItem("token", tokens.access_token);
  kept.setItem("person", claims.email ?? claims.sub);
}

function claimsOf(token) {
  const bytes = Uint8Array.from(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

function forget() {
  kept.removeItem("token");
  kept.removeItem("person");
}

async function signOut() {
  forget();
  const { sign_out } = await endpoints();
  if (sign_out) location.assign(sign_out);
  else draw();
}

// -- the API --------------------------------------------------------------------------------------------------------

class Answered extends Error {
  constructor(status) {
    super(`the desk answered ${status}`);
    this.status = status;
  }
}

async function ask(path) {
  const answer = await fetch(new URL(config.api + path, location.href), {
    headers: { authorization: `Bearer ${kept.getItem("token")}` },
    credentials: "omit",
    cache: "no-store",
  });
  if (!answer.ok) throw new Answered(answer.status);
  return answer.json();
}

// -- the views ------------------------------------------------------------------------------------------------------

function welcome() {
  const button = make("button", { className: "main", type: "button", onclick: () => signIn().catch(failed) }, say("sign_in"));
  show(make("div", { className: "welcome" }, make("p", {}, say("welcome")), button));
}

async function overview() {
  const { regions, days } = await ask("branches");
  if (!regions.length) return [make("p", {}, say("no_regions"))];
  const parts = regions.flatMap((region) => [
    make("h2", {}, region.name),
    make("ul", {}, ...[...region.branches].sort(urgency).map(branchCard)),
  ]);
  return [...parts, make("p", { className: "soft" }, say("window", { days }))];
}

const urgency = (a, b) => b.late - a.late || b.open - a.open || a.name.localeCompare(b.name, language);

function branchCard(branch) {
  const link = make("a", { href: `#branch=${encodeURIComponent(branch.id)}` }, branch.name);
  const figures = make(
    "dl",
    { className: "figures" },
    fact(say("open"), String(branch.open)),
    fact(say("late"), String(branch.late), branch.late ? "is-late" : ""),
    fact(say("done"), String(branch.done)),
    fact(say("accept"), duration(branch.accept_minutes)),
    fact(say("contact"), duration(branch.contact_minutes)),
    fact(say("helped"), branch.helped + branch.not_helped ? `${branch.helped} / ${branch.helped + branch.not_helped}` : say("none")),
  );
  const part = branch.complete ? null : make("p", { className: "soft" }, say("figures_of", { count: branch.counted }));
  return make("li", { className: branch.late ? "card branch late" : "card branch" }, make("h3", {}, link), figures, part);
}

async function branchView(id) {
  const path = `branches/${encodeURIComponent(id)}/handoffs`;
  const first = await ask(path);
  const list = make("ul", {}, ...first.handoffs.map((each) => handoffCard(each, first.time_zone)));
  const more = make("button", { type: "button", hidden: first.next === null }, say("more"));
  let next = first.next;
  const showMore = async () => {
    const page = await ask(`${path}?before=${encodeURIComponent(next)}`);
    const cards = page.handoffs.map((each) => handoffCard(each, page.time_zone));
    list.append(...cards);
    cards[0]?.focus();
    next = page.next;
    more.hidden = next === null;
  };
  more.onclick = () => {
    more.disabled = true;
    showMore().catch(failed).finally(() => (more.disabled = false));
  };
  return [
    make("a", { className: "back", href: "#" }, `← ${say("back")}`),
    make("h2", {}, first.name),
    first.handoffs.length ? list : make("p", {}, say("nothing")),
    more,
  ];
}

function handoffCard(given, timeZone) {
  const waits = given.stage === "waiting" || given.stage === "accepted";
  const target = given.stage === "waiting" && given.accept_by ? ["accept_by", given.accept_by] : ["contact_by", given.contact_by];
  const state = given.late ? `${say("late")} · ${say(`stage_${given.stage}`)}` : say(`stage_${given.stage}`);
  const head = make(
    "div",
    { className: "handoff-head" },
    make("h3", {}, given.case_ref),
    make("span", { className: `stage ${given.late ? "late" : given.stage}` }, state),
  );
  const facts = make(
    "dl",
    { className: "facts" },
    waits ? fact(say(target[0]), when(target[1], timeZone)) : null,
    fact(say("handed"), when(given.created_at, timeZone)),
  );
  const steps = make(
    "ol",
    {},
    ...given.steps.map((step) => make("li", {}, `${when(step.at, timeZone)} · ${say(`step_${step.what}`)} (${say(`by_${step.by}`)})`)),
  );
  const answer = say(given.helped ? "it_helped" : "it_did_not_help");
  const said = given.helped === null ? null : make("p", {}, answer, given.said ? make("q", { dir: "auto" }, given.said) : null);
  const trail = given.steps.length ? make("details", { className: "steps" }, make("summary", {}, say("steps")), steps) : null;
  return make(
    "li",
    { className: given.late ? "card late" : "card", tabIndex: -1 },
    head,
    customerLine(given),
    make("blockquote", { dir: "auto", className: given.words === null ? "soft" : "" }, given.words ?? say("no_words")),
    facts,
    said,
    trail,
  );
}

function customerLine(given) {
  const { name, handle, channel, post_url } = given.customer;
  const who = [name, handle ? `@${handle}` : null].filter(Boolean).join(" ") || say("unknown_customer");
  const line = make("div", {}, make("bdi", {}, who), ` ${say("on", { channel: CHANNELS[channel] ?? channel })}`);
  if (given.posts > 1) line.append(` · ${say("posts", { count: given.posts })}`);
  if (post_url?.startsWith("https://")) {
    line.append(" · ", make("a", { href: post_url, target: "_blank", rel: "noopener noreferrer" }, say("their_post")));
  }
  return line;
}

// -- drawing --------------------------------------------------------------------------------------------------------

function failed(error) {
  if (error.status === 401) {
    forget();
    draw();
    return complain(say("ended"));
  }
  if (error.status === 403 || error.status === 404) {
    show();
    return complain(say(error.status === 403 ? "not_allowed" : "missing"));
  }
  console.warn(error);
  complain(say(kept.getItem("token") ? "trouble" : "failed"));
  if (!main.children.length) main.replaceChildren(make("button", { type: "button", onclick: draw }, say("again")));
}

function draw() {
  const token = kept.getItem("token");
  document.getElementById("sign-out").hidden = !token;
  document.getElementById("person").textContent = token ? kept.getItem("person") : "";
  const turn = ++drawing; // an answer that comes after the visitor went elsewhere is not shown
  if (!token) return welcome();
  const branch = new URLSearchParams(location.hash.slice(1)).get("branch");
  const view = branch ? branchView(branch) : overview();
  view.then((parts) => turn === drawing && show(...parts)).catch(failed);
}

async function start() {
  [config, words] = await Promise.all(["config.json", "words.json"].map(async (name) => (await fetch(name)).json()));
  speak(kept.getItem("language") ?? navigator.languages.map((each) => each.slice(0, 2)).find((each) => words[each]));
  if (location.origin + location.pathname !== config.redirect_uri) {
    return location.replace(config.redirect_uri + location.hash); // the issuer sends back to one address only
  }
  languages.onchange = () => {
    kept.setItem("language", languages.value);
    speak(languages.value);
    draw();
  };
  document.getElementById("sign-out").onclick = () => signOut().catch(failed);
  document.querySelector(".skip").onclick = (event) => {
    event.preventDefault(); // the address names the branch that is shown
    main.focus();
  };
  addEventListener("hashchange", () => {
    draw();
    main.focus();
  });
  const answer = new URLSearchParams(location.search);
  if (answer.has("state") || answer.has("error")) {
    try {
      await returned(answer);
    } catch (error) {
      draw();
      return failed(error);
    }
  }
  draw();
}

start().catch((error) => {
  console.warn(error);
  complain("The desk cannot be reached. Please try again in a moment.");
});
