// The panel that shows a source: the whole document, with passage, quote and answer marked where they stand.

import { get } from "./api.js";
import { inWords, permalink } from "./answer.js";
import { byId, copy, day, el, t } from "./dom.js";
import { paragraphs, slice } from "./text.js";

const panel = byId("source");
const text = byId("source-text");
const tools = byId("source-tools");
const title = byId("source-title");
const narrow = matchMedia("(max-width: 68rem)");
const drawn = matchMedia("(max-width: 52rem)");
let opener = null;
let latest = 0;

/** Show a source: a citation, an alternative, or a document alone. */
export async function openSource(source, from) {
  const mine = ++latest;
  opener = from;
  panel.hidden = false;
  document.body.classList.add("reading");
  title.textContent = source.document_title;
  byId("source-number").textContent = source.number ? `${t("source")} ${source.number}` : t("source");
  byId("source-about").textContent = source.source_path ? about(source) : "";
  tools.replaceChildren();
  text.replaceChildren(el("p", { class: "skeleton", "aria-label": t("loading_source") }), el("p", { class: "skeleton" }), el("p", { class: "skeleton" }));
  coverRest();
  title.focus({ preventScroll: true });
  try {
    const whole = await get(`/v1/sources/${source.document_id.split("/").map(encodeURIComponent).join("/")}`);
    if (mine === latest) show(source, whole);
  } catch (problem) {
    if (mine === latest) fail(source, problem);
  }
}

/** Close the panel and go back to where it was opened from. */
export function closeSource() {
  if (panel.hidden) return;
  latest += 1;
  panel.hidden = true;
  document.body.classList.remove("reading");
  coverRest();
  (opener?.isConnected ? opener : byId("question")).focus({ preventScroll: true });
}

function show(source, whole) {
  byId("source-about").textContent = about(whole);
  tools.replaceChildren(...buttons(source, whole));
  const fits = source.quote === undefined || slice(whole.text, source.start, source.end) === source.quote;
  const passage = source.passage ?? (source.quote ? source.quote : "");
  text.replaceChildren();
  if (!fits) {
    text.append(el("p", { class: "notice" }, t("changed_source")));
    draw(passage, shifted(source));
    return;
  }
  draw(whole.text, marks(source));
  const first = text.querySelector("mark.quote") ?? text.querySelector("mark.passage");
  if (first) text.scrollTop = first.offsetTop - text.offsetTop - text.clientHeight / 3;
}

function fail(source, problem) {
  text.replaceChildren(el("p", { class: "notice", role: "alert" }, inWords(problem)));
  if (source.passage) draw(source.passage, shifted(source));
}

function marks(source) {
  if (source.quote === undefined) return [];
  const found = [{ start: source.start, end: source.end, kind: "quote" }];
  if (source.passage) found.unshift({ start: source.passage_start, end: source.passage_start + [...source.passage].length, kind: "passage" });
  for (const span of source.answer_spans ?? []) found.push({ ...span, kind: "answer" });
  return found;
}

/** The same marks in the passage alone. */
function shifted(source) {
  const from = source.passage ? source.passage_start : source.start;
  return marks(source).map((mark) => ({ ...mark, start: mark.start - from, end: mark.end - from }));
}

function draw(words, ranges) {
  for (const line of paragraphs(words, ranges)) {
    text.append(el("p", { lang: "zh" }, ...line.map((piece) => (piece.kinds.length ? el("mark", { class: piece.kinds.join(" ") }, piece.text) : piece.text))));
  }
}

function buttons(source, whole) {
  const cite = source.cite ?? whole.cite;
  const link = permalink(source);
  return [
    el("span", { class: "quiet", "aria-hidden": "true" }, t("copy")),
    button(t("cite_official"), () => copy(cite.official), cite.official),
    button(t("cite_gbt7714"), () => copy(cite.gbt7714), cite.gbt7714),
    link ? button(t("link"), () => copy(link), link) : null,
    link ? el("a", { class: "button", href: link, target: "_blank", rel: "noopener" }, t("open_page")) : null,
    /^https?:/.test(whole.url ?? "") ? el("a", { class: "button", href: whole.url, target: "_blank", rel: "noopener noreferrer" }, t("original")) : null,
  ].filter(Boolean);
}

function button(label, press, hint) {
  return el("button", { type: "button", title: hint, "aria-label": t("copy_as", { form: label }), onclick: press }, label);
}

function about(source) {
  return [source.publisher, day(source.published_at), source.source_path].filter(Boolean).join(" · ");
}

/** On a narrow screen the panel covers everything, so nothing else may take the focus. */
function coverRest() {
  const covers = narrow.matches && !panel.hidden;
  for (const each of [byId("skip"), document.querySelector(".stage")]) each.inert = covers;
  byId("drawer").inert = covers || (drawn.matches && !byId("drawer").classList.contains("open"));
  panel.setAttribute("role", covers ? "dialog" : "complementary");
  if (covers) panel.setAttribute("aria-modal", "true");
  else panel.removeAttribute("aria-modal");
}

narrow.addEventListener("change", coverRest);
byId("source-close").addEventListener("click", closeSource);
