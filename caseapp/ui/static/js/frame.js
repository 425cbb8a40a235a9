// Signed-in pages: cover names at once, lock when nobody is there. Nothing is kept in the browser's storage.
import { keepAll, letGo } from "./drafts.js";

const limit = Number(document.body.dataset.idle || 900) * 1000;
const noteBefore = 2 * 60 * 1000; // the note comes 2 minutes before the lock: at 13 of 15 minutes
const tellServerEvery = 4 * 60 * 1000;
const tabs = "BroadcastChannel" in window ? new BroadcastChannel("presence") : null;
const note = document.querySelector("[data-idle-note]");
const lockForm = document.querySelector("[data-lock]");
const coverForm = document.querySelector("[data-cover]");
const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";

let lastSeen = Date.now();
let lastTold = Date.now();
let isLocking = false;

function post(path, fields = {}) {
  const body = new URLSearchParams({ csrfmiddlewaretoken: token, ...fields });
  return fetch(path, { method: "POST", body, redirect: "manual", credentials: "same-origin", keepalive: true });
}

function hereAgain(fromThisTab = true) {
  lastSeen = Date.now();
  if (note) note.hidden = true;
  if (!fromThisTab) return;
  tabs?.postMessage("here");
  if (lastSeen - lastTold > tellServerEvery) {
    lastTold = lastSeen;
    post("/account/here/").catch(() => {});
  }
}

function leave() {
  letGo();
  // The page's content leaves the screen first, whatever the network does.
  document.body.replaceChildren();
  location.replace(`/lock/?next=${encodeURIComponent(location.pathname)}`);
}

async function lock(tellOthers = true) {
  if (isLocking) return;
  isLocking = true;
  document.body.classList.add("is-locking"); // the page leaves the screen before anything else
  if (tellOthers) tabs?.postMessage("lock");
  let isKept = await keepAll();
  // No connection: the screen is cleared all the same, and the server locks by its own clock.
  const lockServer = () => post("/lock/", { next: location.pathname }).then(() => true, () => false);
  const isServerLocked = await lockServer();
  // A locked session still takes drafts. Text that is not kept yet stays in this page, out of sight.
  const waits = document.querySelector("[data-waits-to-lock]");
  if (!isKept && !(isKept = await keepAll())) {
    if (waits) waits.hidden = false;
    while (!(await keepAll())) await new Promise((resolve) => setTimeout(resolve, 5000));
    if (!isServerLocked) await lockServer();
  }
  leave();
}

let lastHeard = 0;
for (const kind of ["keydown", "pointerdown", "touchstart", "wheel"]) {
  addEventListener(kind, (event) => {
    if (note?.contains(event.target)) return; // its own button answers
    if (Date.now() - lastHeard < 1000) return;
    lastHeard = Date.now();
    if (Date.now() - lastSeen < limit) hereAgain();
  }, { passive: true, capture: true });
}

function look() {
  const quiet = Date.now() - lastSeen;
  if (quiet >= limit) lock();
  else if (note) note.hidden = quiet < limit - noteBefore;
}
setInterval(look, 5000);
document.addEventListener("visibilitychange", look); // a laptop that slept
// A page that the browser kept for "Back" must not flash up after a lock: it leaves hidden and comes back from the server.
addEventListener("pagehide", (event) => { if (event.persisted) document.documentElement.hidden = true; });
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
note?.querySelector("[data-idle-stay]")?.addEventListener("click", () => hereAgain());

tabs?.addEventListener("message", ({ data }) => {
  if (data === "here") hereAgain(false);
  if (data === "lock") lock(false);
  if (data === "cover") cover(true, false);
});

lockForm?.addEventListener("submit", (event) => {
  event.preventDefault();
  lock();
});

// Names that came with this page are only hidden by its style, so that showing them again loses nothing that was typed.
const cameCovered = document.documentElement.hasAttribute("data-covered");
// The server hears of it one after the other and at last what the screen shows: two presses never overtake each other.
let wanted = null;
let sent = null;
let isTelling = false;
const sayCover = () => post("/account/cover/", { covered: (sent = wanted) ? "yes" : "no", quietly: "yes" }).catch(() => {});
async function tellServer(isCovered) {
  wanted = isCovered;
  if (isTelling) return;
  isTelling = true;
  do await sayCover(); while (sent !== wanted);
  isTelling = false;
}
addEventListener("pagehide", () => { if (isTelling && sent !== wanted) sayCover(); });
function cover(isCovered, tellOthers = true) {
  document.documentElement.toggleAttribute("data-covered", isCovered);
  const field = coverForm?.querySelector("[name=covered]");
  if (field) field.value = isCovered ? "no" : "yes";
  if (!tellOthers) return;
  if (isCovered) tabs?.postMessage("cover");
  tellServer(isCovered);
}
coverForm?.addEventListener("submit", (event) => {
  const isCovered = coverForm.querySelector("[name=covered]").value === "yes";
  if (!isCovered && cameCovered) return; // the names are not here: the server sends them
  event.preventDefault();
  cover(isCovered);
});

// Esc twice within a second covers the names; one Esc closes an open menu.
let lastEscape = 0;
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const open of document.querySelectorAll("details.menu[open], details.page-menu[open]")) {
    open.open = false;
    open.querySelector("summary")?.focus();
  }
  const now = Date.now();
  if (now - lastEscape < 1000) cover(true);
  lastEscape = now;
});
