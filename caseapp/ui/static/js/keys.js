// Single-letter keys, for members who switched them on. Never while something is typed, with another key, or in a dialog.
// Each key does what a link, button or field of the page does that names it in data-key.
const GO = { t: "/", c: "/cases/", a: "/calendar/" };
const PAUSE = 1500; // ms in which the second letter follows a "g"
const TYPED_INTO = "textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=button], [type=submit])";
let goUntil = 0;

const isVisible = (element) => element.getClientRects().length > 0;
const isFree = (event) => !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !event.altKey
  && !event.isComposing && !event.target.closest?.(TYPED_INTO) && !document.querySelector("dialog[open]");

function follow(path) {
  const link = [...document.querySelectorAll(".rooms a, .menu-list a")].find((one) => one.getAttribute("href") === path);
  if (link) link.click(); else location.assign(path);
}

function use(key) {
  const named = [...document.querySelectorAll("[data-key]")].filter((one) => one.dataset.key === key);
  const field = named.find((one) => one.matches(TYPED_INTO) && isVisible(one));
  if (field) field.focus(); else named[0]?.click();
  return named.length > 0;
}

function step(by) {
  const rows = [...document.querySelectorAll("main [data-row]")].filter(isVisible);
  const now = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[now < 0 ? (by > 0 ? 0 : rows.length - 1) : now + by];
  next?.querySelector("a[href], button")?.focus();
  return rows.length > 0;
}

function showHelp() {
  const help = document.querySelector("details.help");
  if (!help) return false;
  help.open = true;
  help.querySelector("summary").focus();
  return true;
}

function act(key) {
  if (Date.now() < goUntil) {
    goUntil = 0;
    if (!(key in GO)) return false;
    follow(GO[key]);
    return true;
  }
  if (key === "g") goUntil = Date.now() + PAUSE;
  else if (key === "j" || key === "k") return step(key === "j" ? 1 : -1);
  else if (key === "?") return use("?") || showHelp();
  else if (key === "/") { if (!use("/")) follow("/search/"); } else return key.length === 1 && use(key);
  return true;
}

addEventListener("keydown", (event) => {
  if (isFree(event) && act(event.key)) event.preventDefault();
});
