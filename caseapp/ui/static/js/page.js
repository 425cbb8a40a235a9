// Small comforts. Every page works without them.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy)?.textContent ?? "");
    button.classList.add("is-done");
  });
}

for (const more of document.querySelectorAll("details[data-hide-after]")) {
  let timer = 0;
  more.addEventListener("toggle", () => {
    clearTimeout(timer);
    if (more.open) timer = setTimeout(() => { more.open = false; }, Number(more.dataset.hideAfter) * 1000);
  });
}

for (const button of document.querySelectorAll("[data-shows]")) {
  const box = document.getElementById(button.dataset.shows);
  if (!box) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    const isShown = box.type === "text";
    box.type = isShown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!isShown));
    box.focus();
  });
  // A passphrase left readable must not go into the browser's form history.
  box.form?.addEventListener("submit", () => { box.type = "password"; });
}

for (const button of document.querySelectorAll("[data-opens]")) {
  const dialog = document.getElementById(button.dataset.opens);
  if (!dialog?.showModal) continue;
  button.hidden = false;
  button.addEventListener("click", () => dialog.showModal());
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// One press, one save: a second press of the same button waits for the answer.
addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog") return;
  if (form.ariaBusy === "true" || form.getAttribute("aria-busy") === "true") {
    event.preventDefault();
    return;
  }
  form.setAttribute("aria-busy", "true");
  setTimeout(() => form.removeAttribute("aria-busy"), 15000);
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[aria-busy]")) form.removeAttribute("aria-busy");
});

addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest?.("form");
    if (form) { event.preventDefault(); form.requestSubmit(); }
  }
});

const clock = document.querySelector("[data-clock]");
if (clock) {
  const show = () => {
    clock.textContent = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "numeric", minute: "2-digit", hour12: false });
  };
  show();
  setInterval(show, 1000);
}
