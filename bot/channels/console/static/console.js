// What the console does beyond plain forms: drag and drop, copying, the menu on phones. Pages work without it.
"use strict";

const csrf = document.querySelector('meta[name="csrf-token"]')?.content;

document.body.addEventListener("htmx:configRequest", (event) => {
  if (csrf) event.detail.headers["X-CSRF-Token"] = csrf;
});

// On a phone the menu is folded away; without a script it stays open.
const menu = document.querySelector(".menu details");
if (menu && window.matchMedia("(max-width: 52rem)").matches) menu.open = false;

// One open question at a time; Escape closes it.
document.addEventListener("toggle", (event) => {
  const opened = event.target;
  if (!(opened instanceof HTMLDetailsElement) || !opened.matches(".confirm") || !opened.open) return;
  for (const other of document.querySelectorAll(".confirm[open]")) if (other !== opened) other.open = false;
}, true);
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && event.target instanceof Element && event.target.closest(".confirm[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    button.textContent = button.dataset.copied;
  });
}

// Files go one by one, so that each is reported as soon as it is checked and a bad one stops none of the others.
const drop = document.getElementById("drop");
if (drop) {
  const input = document.getElementById("file");
  const sending = document.getElementById("sending");
  const report = document.getElementById("report");
  const refusals = [];
  let upload = null;
  drop.classList.add("scripted");

  const send = async (file) => {
    const body = new FormData();
    if (upload) body.append("upload", upload);
    body.append("file", file, file.name);
    const headers = { "HX-Request": "true", "HX-Target": "report" };
    if (csrf) headers["X-CSRF-Token"] = csrf;
    const answer = await fetch(drop.action, { method: "POST", body, headers, credentials: "same-origin" });
    const type = answer.headers.get("content-type") || "";
    if (!answer.ok || !type.startsWith("text/html")) {
      const told = type.includes("json") ? (await answer.json()).detail : new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".notice.bad")?.textContent;
      throw new Error(told || answer.statusText);
    }
    const part = new DOMParser().parseFromString(await answer.text(), "text/html");
    refusals.push(...part.querySelectorAll(".refused li"));
    const staged = part.getElementById("staged");
    if (staged) {
      upload = staged.dataset.upload;
      report.replaceChildren(...[...part.body.childNodes].filter((node) => !node.matches?.(".refused")));
    }
    showRefusals();
  };

  const showRefusals = () => {
    report.querySelector(".refused")?.remove();
    if (!refusals.length) return;
    const list = document.createElement("ul");
    list.className = "rows refused";
    list.append(...refusals);
    report.prepend(list);
  };

  const fail = (file, reason) => {
    const line = document.createElement("li");
    const name = document.createElement("b");
    name.textContent = file.name;
    line.append(name, ` ${sending.dataset.failed}（${reason}）`);
    refusals.push(line);
    showRefusals();
  };

  let queue = Promise.resolve();
  const take = (files) => {
    const chosen = [...files];
    queue = queue.then(async () => {
      for (const [place, file] of chosen.entries()) {
        sending.textContent = `${sending.dataset.sending} ${place + 1} / ${chosen.length}：${file.name}`;
        try {
          await send(file);
        } catch (error) {
          fail(file, error.message);
        }
      }
      sending.textContent = sending.dataset.done;
      input.value = "";
      report.scrollIntoView({ block: "nearest" });
    });
  };

  drop.addEventListener("submit", (event) => {
    event.preventDefault();
    take(input.files);
  });
  input.addEventListener("change", () => take(input.files));
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    take(event.dataTransfer.files);
  });
}
