// The page people ask on.

import { ask, get } from "./api.js";
import { inWords, showAnswer, showPieces } from "./answer.js";
import { markCurrent, refreshConversations, setDrawer, startConversations } from "./conversations.js";
import { byId, el, t, tell } from "./dom.js";
import { closeSource, openSource } from "./source.js";
import { length } from "./text.js";
import "./theme.js";

const form = byId("ask");
const box = byId("question");
const turns = byId("turns");
const most = Number(box.dataset.most);
const RETRIES = 5;
let conversation = new URLSearchParams(location.search).get("c");
let running = null;

// --- the question box -------------------------------------------------------------------------------------------

function fitBox() {
  box.rows = Math.min(Math.max(box.value.split("\n").length, 1), 8);
  const count = length(box.value);
  byId("question-fault").textContent = count > most ? t("too_long", { count, most }) : "";
  box.setAttribute("aria-invalid", String(count > most));
}

box.addEventListener("input", fitBox);
box.addEventListener("keydown", (event) => {
  // While an input method composes, Enter belongs to it.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  if (!running) form.requestSubmit();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (running) {
    running.abort();
    return;
  }
  const question = box.value.trim();
  if (!question || length(question) > most) {
    box.focus();
    return;
  }
  box.value = "";
  fitBox();
  submit(question);
});

function setBusy(controller) {
  running = controller;
  form.classList.toggle("busy", controller !== null);
  const label = t(controller ? "stop" : "ask");
  byId("send").setAttribute("aria-label", label);
  byId("send").title = label;
}

// --- asking -----------------------------------------------------------------------------------------------------

function newTurn(question) {
  byId("welcome").hidden = true;
  const body = el("div", { class: "answer", "aria-busy": "true" });
  const turn = el("article", { class: "turn" }, el("h2", { class: "asked" }, question), body);
  turns.append(turn);
  return { turn, body };
}

async function submit(question) {
  const { turn, body } = newTurn(question);
  turn.scrollIntoView({ block: "start", behavior: calm() ? "auto" : "smooth" });
  await answerInto(turn, body, question);
}

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

function waiting(body, words) {
  const line = el("p", { class: "stage-words quiet" }, words);
  body.replaceChildren(line, el("p", { class: "skeleton" }), el("p", { class: "skeleton" }));
  return line;
}

async function answerInto(turn, body, question, tries = 0) {
  const controller = new AbortController();
  setBusy(controller);
  body.setAttribute("aria-busy", "true");
  const line = waiting(body, t("stage_waiting"));
  let pieces = "";
  const onStage = (stage) => {
    line.textContent = t(`stage_${stage}`);
    tell(line.textContent);
  };
  const onDelta = (text) => {
    pieces += text;
    showPieces(body, pieces);
  };
  tell(t("stage_waiting"));
  try {
    const answer = await ask(question, conversation, { signal: controller.signal, onStage, onDelta });
    setBusy(null);
    settle(body, answer);
    remember(answer.conversation_id);
  } catch (problem) {
    setBusy(null);
    if (problem.name === "AbortError") stopped(turn, body, question);
    else failed(turn, body, question, problem, tries);
  }
}

function settle(body, answer) {
  body.setAttribute("aria-busy", "false");
  showAnswer(body, answer, { open: openSource, ask: submitWhenFree });
  tell(answer.short_answer ? t("answered", { answer: answer.short_answer }) : answer.answer);
}

function submitWhenFree(question) {
  if (!running) submit(question);
}

function again(turn, body, question, tries = 0) {
  if (!running) answerInto(turn, body, question, tries);
}

function stopped(turn, body, question) {
  body.setAttribute("aria-busy", "false");
  const button = el("button", { type: "button", onclick: () => again(turn, body, question) }, t("ask_again"));
  body.replaceChildren(el("p", { class: "quiet" }, t("stopped")), el("p", { class: "buttons" }, button));
  tell(t("stopped"));
}

function failed(turn, body, question, problem, tries) {
  body.setAttribute("aria-busy", "false");
  const buttons = el("p", { class: "buttons" });
  const retry = el("button", { type: "button" }, t("retry"));
  let timer = 0;
  retry.addEventListener("click", () => {
    clearInterval(timer);
    again(turn, body, question);
  });
  buttons.append(retry);
  if (problem.status === 401) {
    const next = encodeURIComponent(location.pathname + location.search);
    buttons.prepend(el("a", { class: "button strong", href: `/login?next=${next}` }, t("sign_in")));
  }
  const words = navigator.onLine ? inWords(problem) : t("offline");
  const said = el("div", { class: "notice trouble", role: "alert" }, el("p", {}, words), buttons);
  if (problem.requestId && problem.status >= 500 && !problem.passes) {
    said.append(el("p", { class: "quiet" }, t("request_id", { id: problem.requestId })));
  }
  body.replaceChildren(said);
  if (problem.passes && tries < RETRIES) timer = countDown(problem, tries, buttons, () => again(turn, body, question, tries + 1));
  else if (problem.status === 422 && !box.value) {
    box.value = question;
    fitBox();
  }
}

/** Try again by itself, a little later each time. */
function countDown(problem, tries, place, retry) {
  let seconds = Math.max(problem.retryAfter, 1) + 2 * tries;
  const line = el("span", { class: "quiet" }, t("retry_in", { seconds }));
  place.append(line);
  const timer = setInterval(() => {
    seconds -= 1;
    if (seconds > 0) line.textContent = t("retry_in", { seconds });
    else {
      clearInterval(timer);
      if (line.isConnected) retry();
    }
  }, 1000);
  return timer;
}

// --- conversations ----------------------------------------------------------------------------------------------

function setConversation(id, { push = true } = {}) {
  conversation = id;
  const address = id ? `/?c=${encodeURIComponent(id)}` : "/";
  if (push && location.pathname + location.search !== address) history.pushState(null, "", address);
  for (const link of document.querySelectorAll("a[data-language]")) {
    link.href = `/?lang=${link.dataset.language}${id ? `&c=${encodeURIComponent(id)}` : ""}`;
  }
}

function remember(id) {
  if (conversation !== id) setConversation(id);
  refreshConversations(id);
}

function begin() {
  running?.abort();
  setConversation(null);
  markCurrent(null);
  closeSource();
  setDrawer(false);
  turns.replaceChildren();
  byId("welcome").hidden = false;
  box.focus();
}

async function openConversation(id, { push = true } = {}) {
  running?.abort();
  closeSource();
  setConversation(id, { push });
  markCurrent(id);
  byId("welcome").hidden = true;
  turns.replaceChildren(el("p", { class: "skeleton" }), el("p", { class: "skeleton" }));
  try {
    const found = await get(`/v1/conversations/${encodeURIComponent(id)}`);
    if (conversation !== id) return;
    turns.replaceChildren();
    for (const turn of found.turns) showTurn(turn);
    turns.lastElementChild?.scrollIntoView({ block: "start" });
  } catch (problem) {
    if (conversation !== id) return;
    const words = problem.status === 404 ? t("conversation_gone") : inWords(problem);
    turns.replaceChildren(el("div", { class: "notice", role: "alert" }, el("p", {}, words)));
    if (problem.status === 404) setConversation(null);
  }
}

function showTurn(turn) {
  const { body } = newTurn(turn.question);
  body.setAttribute("aria-busy", "false");
  if (turn.answer) showAnswer(body, turn.answer, { open: openSource, ask: submitWhenFree });
  else body.append(el("p", { class: "quiet" }, t("answer_gone")));
}

// --- the page ---------------------------------------------------------------------------------------------------

function online() {
  byId("offline").hidden = navigator.onLine;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !byId("confirm").open) {
    if (!byId("source").hidden) closeSource();
    else if (!setDrawer(false) && running) running.abort();
  } else if (event.key === "/" && !event.ctrlKey && !event.metaKey && !/^(TEXTAREA|INPUT|SELECT)$/.test(event.target.tagName)) {
    event.preventDefault();
    box.focus();
  }
});
addEventListener("online", online);
addEventListener("offline", online);
addEventListener("popstate", () => {
  const id = new URLSearchParams(location.search).get("c");
  if (id) openConversation(id, { push: false });
  else begin();
});
for (const id of ["new-conversation", "new-conversation-top"]) byId(id).addEventListener("click", begin);

online();
startConversations({ onOpen: openConversation, onGone: (id) => id === conversation && begin() });
if (conversation) openConversation(conversation, { push: false });
else {
  setConversation(null, { push: false });
  if (matchMedia("(hover: hover)").matches) box.focus();
}
