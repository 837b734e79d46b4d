// The list of one's own conversations: open, delete, begin anew. On a narrow screen it is a drawer.

import { get, remove } from "./api.js";
import { inWords } from "./answer.js";
import { byId, el, icon, t, tell, toast } from "./dom.js";

const list = byId("conversation-list");
const drawer = byId("drawer");
const narrow = matchMedia("(max-width: 52rem)");
let open = () => {};
let gone = () => {};
let current = null;
let cursor = null;

/** Show the list. `onOpen(id)` opens one, `onGone(id)` is told of one that was deleted. */
export function startConversations({ onOpen, onGone }) {
  open = onOpen;
  gone = onGone;
  byId("more-conversations").addEventListener("click", () => load(cursor));
  byId("drawer-open").addEventListener("click", () => setDrawer(true));
  byId("drawer-close").addEventListener("click", () => setDrawer(false));
  document.querySelector(".stage").addEventListener("pointerdown", (event) => {
    if (drawer.classList.contains("open") && !event.target.closest("#drawer-open")) setDrawer(false);
  });
  narrow.addEventListener("change", () => setDrawer(false));
  setDrawer(false);
  load();
}

/** The list as it is now, with this conversation as the one that is shown. */
export function refreshConversations(id) {
  markCurrent(id);
  load();
}

export function markCurrent(id) {
  current = id;
  for (const link of list.querySelectorAll("a")) {
    if (link.dataset.id === id) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

/** Open or close the drawer; where the list stands beside the answers this does nothing. */
export function setDrawer(wanted) {
  const opened = wanted && narrow.matches;
  const was = drawer.classList.contains("open");
  drawer.classList.toggle("open", opened);
  drawer.inert = narrow.matches && !opened;
  byId("main").inert = opened;
  byId("drawer-open").setAttribute("aria-expanded", String(opened));
  if (opened) byId("drawer-close").focus();
  else if (was && narrow.matches) byId("drawer-open").focus();
  return was;
}

async function load(after = null) {
  let page;
  try {
    page = await get(`/v1/conversations?limit=30${after ? `&cursor=${encodeURIComponent(after)}` : ""}`);
  } catch {
    // The list is a convenience: whoever can ask is told of trouble there.
    return;
  }
  if (!after) list.replaceChildren();
  for (const each of page.conversations) list.append(line(each));
  cursor = page.next_cursor;
  byId("more-conversations").hidden = !cursor;
  byId("no-conversations").hidden = list.children.length > 0;
  markCurrent(current);
}

function line(conversation) {
  const { id, title } = conversation;
  const link = el("a", { href: `/?c=${encodeURIComponent(id)}`, "data-id": id, title }, title);
  link.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    setDrawer(false);
    open(id);
  });
  const bin = el("button", { type: "button", class: "plain icon", "aria-label": t("delete_conversation", { title }), title: t("delete") }, icon("delete"));
  bin.addEventListener("click", () => forget(id, bin));
  return el("li", {}, link, bin);
}

async function forget(id, bin) {
  if (!(await confirmed(t("delete_ask")))) {
    bin.focus();
    return;
  }
  try {
    await remove(`/v1/conversations/${encodeURIComponent(id)}`);
  } catch (problem) {
    if (problem.status !== 404) {
      toast(inWords(problem));
      return;
    }
  }
  const entry = bin.closest("li");
  const next = entry.nextElementSibling ?? entry.previousElementSibling;
  entry.remove();
  byId("no-conversations").hidden = list.children.length > 0;
  (next?.querySelector("a") ?? byId("new-conversation")).focus();
  tell(t("deleted"));
  gone(id);
}

/** Ask before something cannot be undone. */
function confirmed(words) {
  const dialog = byId("confirm");
  byId("confirm-words").textContent = words;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}
