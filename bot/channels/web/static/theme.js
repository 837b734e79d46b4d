// Light or dark: as the system has it, or as chosen; a cookie tells the server, so that no page flashes.

const choice = document.getElementById("theme");

choice?.addEventListener("change", () => {
  const { value } = choice;
  if (value) document.documentElement.dataset.theme = value;
  else delete document.documentElement.dataset.theme;
  const age = value ? 365 * 24 * 3600 : 0;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `yiju_theme=${value}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
});
