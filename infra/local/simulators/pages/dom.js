// The few things both pages build with. Text is only ever set as text, never as markup.

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export const find = (id) => document.getElementById(id);

export function avatar(name, id, brand = false) {
  const letters = name.replace(/[^\p{L}\p{N}\s]/gu, "").split(/\s+/).filter(Boolean).map((part) => [...part][0]).slice(0, 2).join("").toUpperCase();
  const tone = [...id].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 6, 0);
  return element("span", { class: brand ? "avatar brand" : `avatar tone-${tone}`, "aria-hidden": "true" }, letters || "?");
}

export function span(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return whole % 60 ? `${Math.floor(whole / 60)} min ${whole % 60} s` : `${whole / 60} min`;
  const minutes = Math.floor((whole % 3600) / 60);
  return `${Math.floor(whole / 3600)} h${minutes ? ` ${minutes} min` : ""}`;
}

export function clockTime(iso) {
  const moment = new Date(iso);
  const today = moment.toDateString() === new Date().toDateString();
  const day = today ? {} : { day: "numeric", month: "short" };
  return moment.toLocaleString(undefined, { ...day, hour: "2-digit", minute: "2-digit" });
}

// Asks now and then again, less often while nobody looks.
export function regularly(milliseconds, action) {
  const again = async () => {
    await action();
    setTimeout(again, document.hidden ? milliseconds * 5 : milliseconds);
  };
  again();
}
