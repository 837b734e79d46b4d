// Small helpers over the document. Text is always set as text: nothing from the server is ever parsed as HTML.

/** An element with attributes and children; `null` children are left out. */
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

const iconFile = document.querySelector('link[rel="icon"]').getAttribute("href").replace("seal.svg", "icons.svg");

/** A picture from the sheet of icons, hidden from screen readers. */
export function icon(name) {
  const namespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(namespace, "svg");
  const use = document.createElementNS(namespace, "use");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${iconFile}#${name}`);
  svg.append(use);
  return svg;
}

export const byId = (id) => document.getElementById(id);

const words = JSON.parse(byId("words").textContent);

/** The words of a key in the page's language; `{name}` fields are filled. */
export function t(key, fields = {}) {
  const pattern = words[key] ?? key;
  return pattern.replace(/\{(\w+)\}/g, (whole, name) => (name in fields ? String(fields[name]) : whole));
}

export const knows = (key) => key in words;
export const language = document.documentElement.lang;

let toastTimer = 0;

/** Say something for a moment at the foot of the page. */
export function toast(message) {
  const place = byId("toast");
  place.textContent = message;
  place.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => (place.hidden = true), 3500);
}

/** Tell screen readers what has changed. */
export function tell(message) {
  byId("told").textContent = message;
}

/** Put text on the clipboard, also where the modern interface is closed (plain http). */
export async function copy(text) {
  let done = false;
  try {
    await navigator.clipboard.writeText(text);
    done = true;
  } catch {
    const field = el("textarea", { class: "unseen", readonly: true, tabindex: "-1" });
    const before = document.activeElement;
    field.value = text;
    document.body.append(field);
    field.select();
    done = document.execCommand("copy");
    field.remove();
    before?.focus({ preventScroll: true });
  }
  toast(done ? t("copied") : t("copy_failed"));
}

/** A date as people write it in the page's language; what is not known is said. */
export function day(iso) {
  if (!iso) return t("undated");
  const [year, month, date] = iso.slice(0, 10).split("-").map(Number);
  return language === "en" ? iso.slice(0, 10) : `${year}年${month}月${date}日`;
}
