// What pages that are no chat do beyond being read: copying, printing, keeping the place when the language changes.

import { copy } from "./dom.js";
import "./theme.js";

for (const link of document.querySelectorAll("a[data-language]")) link.hash = location.hash;
for (const button of document.querySelectorAll("[data-copy], [data-copy-link], [data-print], [data-scripted]")) {
  button.hidden = false;
  if ("scripted" in button.dataset) continue;
  button.addEventListener("click", () => {
    if ("print" in button.dataset) print();
    else copy(button.dataset.copy ?? `${location.href.split("#")[0]}#passage`);
  });
}
