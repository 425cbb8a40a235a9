// docs/mechanisms/lists-and-palette.md
const box = document.querySelector("[data-palette]");
const [form, list, says] = ["form", "[role=listbox]", "[role=status]"].map((part) => box?.querySelector(part));
const input = form?.elements.text;
let asked = 0;
let timer = 0;
let isStale = true;
let isAwaited = false;

const marked = () => list.querySelector("[aria-selected=true]");

function mark(option) {
  marked()?.setAttribute("aria-selected", false);
  option?.setAttribute("aria-selected", true);
  option?.scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", option?.id ?? "");
}

function show(lines, words = "") {
  list.replaceChildren(...lines);
  list.hidden = !lines.length;
  input.setAttribute("aria-expanded", !list.hidden);
  says.textContent = words;
  mark(list.querySelector("[role=option]"));
}

async function ask() {
  const number = ++asked;
  const body = new URLSearchParams(new FormData(form));
  body.set("part", "palette");
  body.set("page_path", location.pathname);
  if (document.documentElement.hasAttribute("data-covered")) body.set("covered", "on");
  const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => null);
  const isShown = answer?.ok || answer?.status === 422;
  const page = new DOMParser().parseFromString(isShown ? await answer.text() : "", "text/html");
  if (number !== asked) return;
  show(page.querySelectorAll("[role=group]"), page.querySelector("[data-says]")?.textContent.trim());
  isStale = !isShown;
  if (isAwaited && isStale) form.submit();
  if (isAwaited && marked()?.hasAttribute("data-sure")) choose(marked());
  isAwaited = false;
}

function choose({ dataset: { href, press } }) {
  box.close();
  if (href) location.assign(href);
  else document.querySelector(`[data-${press}]`).requestSubmit();
}

function open(event) {
  event.preventDefault();
  if (box.open) return;
  box.showModal();
  ask();
}

if (box?.showModal) {
  addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) open(event);
  });
  document.querySelector("[data-opens-palette]").addEventListener("click", (event) => {
    if (!event.ctrlKey && !event.metaKey && !event.shiftKey) open(event);
  });
  input.addEventListener("input", () => {
    asked += 1;
    isStale = true;
    isAwaited = false;
    clearTimeout(timer);
    timer = setTimeout(ask, 200);
  });
  input.addEventListener("keydown", (event) => {
    const all = [...list.querySelectorAll("[role=option]")];
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by && all.length) mark(all[(all.indexOf(marked()) + by + all.length) % all.length]);
    else if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing || !(isStale || all.length)) return;
    else if (isStale) { isAwaited = true; clearTimeout(timer); ask(); } else choose(marked());
    event.preventDefault();
  });
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose(option);
  });
  box.addEventListener("close", () => {
    asked += 1;
    clearTimeout(timer);
    form.reset();
    show([]);
    isStale = true;
  });
}
