// An answer on the page: short answer, sentence, sources, what others say, what to do next, what readers think.

import { post } from "./api.js";
import { copy, day, el, icon, knows, t, tell } from "./dom.js";
import { slice } from "./text.js";

const marker = /\[(\d+)\]/g;

/** Fills `place` with an answer. `open(source)` shows a source, `ask(question)` asks on. */
export function showAnswer(place, answer, { open, ask }) {
  place.replaceChildren();
  place.classList.toggle("not-found", answer.outcome === "not_found");
  place.append(answerText(answer, open));
  if (answer.composed_by) place.append(el("p", { class: "notice" }, t("composed")));
  if (answer.citations.length) place.append(sources(answer, open));
  if (answer.alternatives.length) place.append(alternatives(answer, open));
  if (answer.suggestions.length) place.append(suggestions(answer, { open, ask }));
  if (answer.index && answer.index.embedded < 1) {
    const percent = Math.floor(answer.index.embedded * 100);
    place.append(el("p", { class: "notice index-notice" }, t("index_partial", { percent })));
  }
  if (answer.outcome !== "chat") place.append(actions(answer));
}

/** What is said while an answer still comes. */
export function showPieces(place, text) {
  place.replaceChildren(...text.split("\n").map((line) => el("p", {}, line)));
}

function answerText(answer, open) {
  const body = el("div", { class: "answer-text" });
  const lines = answer.answer.split("\n").filter((line) => line.trim());
  lines.forEach((line, at) => {
    const short = at === 0 && !answer.composed_by && answer.short_answer && line.startsWith(answer.short_answer);
    const p = el("p", { class: short ? "short" : null, lang: answer.outcome === "answered" ? "zh" : null });
    p.append(...withMarkers(line, answer, open, !short));
    body.append(p);
  });
  return body;
}

function withMarkers(line, answer, open, emphasise) {
  const parts = [];
  let from = 0;
  for (const found of line.matchAll(marker)) {
    const citation = answer.citations.find((each) => each.number === Number(found[1]));
    if (!citation) continue;
    parts.push(...emphasised(line.slice(from, found.index).trimEnd(), answer, emphasise), markerButton(citation, open));
    from = found.index + found[0].length;
  }
  parts.push(...emphasised(line.slice(from), answer, emphasise));
  return parts;
}

function markerButton(citation, open) {
  const label = t("source_number", { number: citation.number, title: citation.document_title });
  return el(
    "button",
    { type: "button", class: "marker", "aria-label": label, title: citation.document_title, onclick: (event) => open(citation, event.currentTarget) },
    String(citation.number),
  );
}

/** The words of the answer stand out in the sentence that is quoted, exactly where the source has them. */
function emphasised(text, answer, wanted) {
  const citation = wanted && answer.citations.find((each) => text.includes(each.quote));
  if (!citation) return text ? [text] : [];
  const at = text.indexOf(citation.quote);
  const parts = [text.slice(0, at)];
  let from = citation.start;
  for (const span of citation.answer_spans) {
    if (span.start < from || span.end > citation.end) continue;
    parts.push(slice(citation.quote, from - citation.start, span.start - citation.start), el("strong", {}, span.text));
    from = span.end;
  }
  parts.push(slice(citation.quote, from - citation.start, citation.end - citation.start), text.slice(at + citation.quote.length));
  return parts.filter((part) => part !== "");
}

function about(source) {
  return [source.publisher, day(source.published_at)].filter(Boolean).join(" · ");
}

function sourceButton(source, number, open) {
  return el(
    "button",
    { type: "button", class: "source-card", onclick: (event) => open(source, event.currentTarget) },
    el("span", { class: "number", "aria-hidden": "true" }, number),
    el("span", { class: "source-title", lang: "zh" }, source.document_title),
    el("span", { class: "source-about" }, about(source)),
    el("span", { class: "permalink print-only" }, permalink(source)),
  );
}

function sources(answer, open) {
  const many = answer.sources > answer.citations.length;
  return el(
    "section",
    { class: "sources" },
    el("h3", {}, t("sources"), many ? el("span", { class: "quiet" }, t("agreeing", { count: answer.sources })) : null),
    el("ol", {}, ...answer.citations.map((each) => el("li", {}, sourceButton(each, String(each.number), open)))),
  );
}

function alternatives(answer, open) {
  return el(
    "section",
    { class: "sources differing" },
    el("h3", {}, t("differing")),
    el("ol", {}, ...answer.alternatives.map((each) => el("li", {}, el("p", { class: "other", lang: "zh" }, each.short_answer), sourceButton(each, "≠", open)))),
  );
}

function suggestions(answer, { open, ask }) {
  const documents = answer.suggestions.filter((each) => each.kind === "document");
  const questions = answer.suggestions.filter((each) => each.kind === "question");
  const section = el("section", { class: "suggestions" });
  if (documents.length) {
    const cards = documents.map((each) =>
      el("button", { type: "button", class: "source-card", onclick: (event) => open({ document_id: each.document_id, document_title: each.text }, event.currentTarget) },
        el("span", { class: "number", "aria-hidden": "true" }, "›"), el("span", { class: "source-title", lang: "zh" }, each.text)));
    section.append(el("h3", {}, t("nearest")), el("ol", {}, ...cards.map((card) => el("li", {}, card))));
  }
  if (questions.length) {
    const chips = questions.map((each) => el("button", { type: "button", class: "chip", onclick: () => ask(each.text) }, each.text));
    section.append(el("h3", {}, t(answer.outcome === "not_found" ? "try_asking" : "follow_up")), el("div", { class: "chips" }, ...chips));
  }
  return section;
}

function actions(answer) {
  const row = el("div", { class: "actions" });
  const place = el("div", { class: "feedback" });
  if (answer.citations.length) {
    row.append(el("button", { type: "button", class: "plain", onclick: () => copy(asText(answer)) }, icon("copy"), t("copy_answer")));
  }
  const up = thumb("up", t("helpful"), () => rate(answer, "up", [up, down], place));
  const down = thumb("down", t("not_helpful"), () => rate(answer, "down", [down, up], place));
  row.append(up, down);
  return el("div", { class: "after" }, row, place);
}

function thumb(name, label, press) {
  return el("button", { type: "button", class: "plain icon", "aria-pressed": "false", "aria-label": label, title: label, onclick: press }, icon(name));
}

async function rate(answer, rating, [pressed, other], place) {
  try {
    await post(`/v1/answers/${encodeURIComponent(answer.answer_id)}/feedback`, { rating });
  } catch (problem) {
    place.replaceChildren(el("p", { class: "fault", role: "alert" }, inWords(problem)));
    return;
  }
  pressed.setAttribute("aria-pressed", "true");
  other.setAttribute("aria-pressed", "false");
  if (rating === "down") {
    place.replaceChildren(reasonForm(answer, [pressed, other], place));
    place.scrollIntoView({ block: "nearest" });
  } else {
    thank(place);
  }
}

function thank(place) {
  place.replaceChildren(el("p", { class: "quiet" }, t("thanks")));
  tell(t("thanks"));
}

/** The names of reasons are those of every channel. */
function reasonForm(answer, buttons, place) {
  const names = answer.outcome === "not_found" ? ["missed", "other"] : ["wrong_answer", "wrong_source", "incomplete", "outdated", "other"];
  const id = `comment-${answer.answer_id}`;
  const group = `reason-${answer.answer_id}`;
  const options = names.map((name) =>
    el("label", { class: "option" }, el("input", { type: "radio", name: group, value: name }), el("span", {}, t(`reason_${name}`))));
  const comment = el("textarea", { id, rows: "2", maxlength: "2000" });
  const form = el("form", { class: "reasons" },
    el("fieldset", {}, el("legend", {}, t("what_is_wrong")), el("div", { class: "chips" }, ...options)),
    el("label", { for: id, class: "quiet" }, t("comment")), comment,
    el("button", { type: "submit" }, t("send")));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const reason = form.querySelector("input:checked")?.value;
    const said = { ...(reason ? { reason } : {}), ...(comment.value.trim() ? { comment: comment.value.trim() } : {}) };
    try {
      await post(`/v1/answers/${encodeURIComponent(answer.answer_id)}/feedback`, { rating: "down", ...said });
      thank(place);
      buttons[0].focus();
    } catch (problem) {
      form.querySelector(".fault")?.remove();
      form.append(el("p", { class: "fault", role: "alert" }, inWords(problem)));
    }
  });
  return form;
}

/** A permanent address of a source, with what is marked in it. */
export function permalink(source) {
  if (!source.passage_id) return "";
  const marks = new URLSearchParams();
  if (source.end > source.start) marks.append("q", `${source.start}-${source.end}`);
  for (const span of source.answer_spans ?? []) marks.append("a", `${span.start}-${span.end}`);
  const query = marks.toString();
  return `${location.origin}/p/${encodeURIComponent(source.passage_id)}${query ? `?${query}` : ""}#passage`;
}

/** The answer with its sources as plain text. */
function asText(answer) {
  const lines = answer.citations.map((each) => `[${each.number}] ${each.cite?.gbt7714 ?? `${each.document_title}（${about(each)}）`}`);
  return `${answer.answer}\n\n${t("sources")}\n${lines.join("\n")}\n`;
}

/** What a problem means to whoever asked. */
export function inWords(problem) {
  if (problem.status === 422 && document.documentElement.lang === "zh-Hans" && problem.detail) return problem.detail;
  return knows(`error_${problem.code}`) ? t(`error_${problem.code}`) : problem.status >= 500 ? t("error_internal") : t("error_any");
}
