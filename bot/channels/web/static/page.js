// A passage's own page: copying and printing; reading it needs no script.

import { copy } from "./dom.js";
import "./theme.js";

for (const link of document.querySelectorAll("a[data-language]")) {
  const address = new URL(location.href);
  address.searchParams.set("lang", link.dataset.language);
  link.href = `${address.pathname}${address.search}${address.hash}`;
}
for (const button of document.querySelectorAll("[data-copy], [data-copy-link], [data-print], [data-scripted]")) {
  button.hidden = false;
  if ("scripted" in button.dataset) continue;
  button.addEventListener("click", () => {
    if ("print" in button.dataset) print();
    else copy(button.dataset.copy ?? `${location.href.split("#")[0]}#passage`);
  });
}
