// docs/mechanisms/drafts.md says how and why.
const PAUSE = 1500; // ms without a key after which text is stored
const AT_MOST = 8000; // ms of typing without a pause
const RETRY = 10000;
const SECRET = /(^|-)(csrfmiddlewaretoken|passphrase|words|again|typed|code|proof|draft_id)$/;
const NEVER_TYPED = ["password", "file", "hidden", "submit", "button", "reset", "image"];
const mark = document.body.dataset.draftMark;
const sentDraft = document.body.dataset.sentDraft; // set on a page that answers a POST: nothing was saved
const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
const tabs = mark && "BroadcastChannel" in window ? new BroadcastChannel("drafts") : null;
const kept = new Map();
// A passphrase that is shown is a text field: what was a secret when the page came stays one.
const secrets = new WeakSet(document.querySelectorAll(
  "input[type=password], [autocomplete~=current-password], [autocomplete~=new-password], [autocomplete~=one-time-code]",
));
let isLeaving = false;
let isResent = false;

const pathOf = (address) => new URL(address, location.href).pathname;
const actionOf = (form) => pathOf(form.getAttribute("action") || location.href);
const isTyped = (control) => control.name && control.willValidate !== undefined && !control.disabled
  && !NEVER_TYPED.includes(control.type) && control.tagName !== "FIELDSET" && control.tagName !== "OUTPUT"
  && !secrets.has(control) && !SECRET.test(control.name);
const typedControls = (form) => [...form.elements].filter(isTyped);
const isTick = (control) => control.type === "checkbox" || control.type === "radio";

function valuesOf(form, asSent = false) {
  const values = {};
  for (const control of typedControls(form)) {
    const list = (values[control.name] ??= []);
    if (isTick(control)) {
      if (asSent ? control.defaultChecked : control.checked) list.push(control.value);
    } else if (control.tagName === "SELECT") {
      const chosen = [...control.options].filter((option) => (asSent ? option.defaultSelected : option.selected));
      if (asSent && !chosen.length && control.type === "select-one" && control.options.length) chosen.push(control.options[0]);
      list.push(...chosen.map((option) => option.value));
    } else {
      list.push(asSent ? control.defaultValue : control.value);
    }
  }
  return values;
}

const isSame = (some, others) => JSON.stringify(some ?? []) === JSON.stringify(others ?? []);
const hasText = (values) => values.some((value) => value.trim());

function changedNames(state) {
  const now = valuesOf(state.form);
  return Object.keys(now).filter((name) =>
    state.isUnsaved ? hasText(now[name]) || !isSame(now[name], state.start[name]) : !isSame(now[name], state.start[name]));
}

function fieldsToKeep(form) {
  const fields = valuesOf(form);
  for (const control of form.elements) {
    if (control.type === "hidden" && control.name && !SECRET.test(control.name)) (fields[control.name] ??= []).push(control.value);
  }
  return fields;
}

const isWaiting = (state) => {
  if (state.isSent) return false;
  const changed = changedNames(state);
  return (changed.length > 0 || state.id) && state.stored !== JSON.stringify(fieldsToKeep(state.form));
};

function post(path, fields, options = {}) {
  const body = new URLSearchParams({ csrfmiddlewaretoken: token, mark, ...fields });
  const keepalive = body.toString().length < 60000; // the most that a browser sends after its page is gone
  return fetch(path, { method: "POST", body, keepalive, credentials: "same-origin", headers: { Accept: "application/json" }, redirect: "manual", ...options });
}

function say(trouble) {
  for (const note of document.querySelectorAll("[data-not-kept]")) note.hidden = note.dataset.notKept !== trouble;
}

async function send(state) {
  const changed = changedNames(state);
  const fields = fieldsToKeep(state.form);
  const stored = JSON.stringify(fields);
  if (!changed.length) {
    if (state.id) await discard(state.id);
    state.id = null;
    state.stored = stored;
    return true;
  }
  const answer = await post("/account/drafts/save/", {
    page: location.pathname, action: actionOf(state.form), number: state.number, focus: state.focus,
    draft_id: state.id ?? "", fields: stored, changed: JSON.stringify(changed),
  });
  const said = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : {};
  if (answer.ok) {
    state.id = said.draft;
    state.stored = stored;
  }
  say(answer.ok ? "" : answer.status >= 500 ? "offline" : said.state ?? "gone");
  return answer.ok;
}

function store(state) {
  clearTimeout(state.timer);
  state.timer = 0;
  state.since = 0;
  // One after the other: the newest text arrives last.
  state.sending = (state.sending ?? Promise.resolve(true)).then(async () => {
    if (!isWaiting(state)) return true;
    state.isSending = true;
    try {
      const isStored = await send(state);
      if (!isStored) state.timer = setTimeout(() => store(state), RETRY);
      return isStored;
    } catch {
      say("offline");
      state.timer = setTimeout(() => store(state), RETRY);
      return false;
    } finally {
      state.isSending = false;
    }
  });
  return state.sending;
}

function noteTyping(state) {
  state.since ||= Date.now();
  clearTimeout(state.timer);
  state.timer = setTimeout(() => store(state), Math.max(0, Math.min(PAUSE, state.since + AT_MOST - Date.now())));
}

// Store all that waits. True when nothing was left, at the latest after `patience` ms.
export async function keepAll(patience = 3000) {
  const waiting = [...kept.values()].filter((state) => isWaiting(state));
  if (!waiting.length) return true;
  const late = new Promise((resolve) => setTimeout(() => resolve([false]), patience));
  return (await Promise.race([Promise.all(waiting.map(store)), late])).every(Boolean);
}

export function letGo() { isLeaving = true; }

const takeSentDraft = () => (sentDraft && ![...kept.values()].some((state) => state.id === sentDraft) ? sentDraft : null);

export function followForm(form) {
  const isKept = mark && form.method === "post" && !form.hasAttribute("data-no-draft") && typedControls(form).length;
  if (!isKept) return;
  const number = [...kept.values()].filter((state) => actionOf(state.form) === actionOf(form)).length;
  const start = valuesOf(form, true);
  const isUnsaved = sentDraft !== undefined && actionOf(form) === location.pathname
    && (form.querySelector(".has-error") !== null || !document.querySelector(".has-error"));
  const state = { form, number, start, isUnsaved, id: isUnsaved ? takeSentDraft() : null, stored: null, timer: 0, since: 0, focus: "", sending: null };
  if (!isUnsaved) state.stored = JSON.stringify(fieldsToKeep(form));
  kept.set(form, state);
  if (isUnsaved && changedNames(state).length) noteTyping(state);
}

for (const form of document.forms) followForm(form);

for (const kind of ["input", "change"]) {
  document.addEventListener(kind, (event) => {
    const state = kept.get(event.target.form);
    if (!state || !isTyped(event.target)) return;
    state.isSent = false;
    state.focus = event.target.name;
    noteTyping(state);
  }, true);
}
document.addEventListener("reset", (event) => { const state = kept.get(event.target); if (state) setTimeout(() => noteTyping(state)); }, true);
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") keepAll(); });
addEventListener("pagehide", () => { keepAll(); });
tabs?.addEventListener("message", () => keepAll());

addEventListener("beforeunload", (event) => {
  if (isLeaving || ![...kept.values()].some((state) => changedNames(state).length)) return;
  event.preventDefault();
  event.returnValue = true;
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!mark || isResent || form.method === "dialog" || form.hasAttribute("data-lock")) return;
  const isSignOut = actionOf(form) === "/sign-out/";
  const waiting = [...kept.values()].filter((state) => (state.form === form ? state.isSending : isWaiting(state)));
  if (!waiting.length && !isSignOut) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (isSignOut) tabs?.postMessage("keep");
  const others = isSignOut ? new Promise((resolve) => setTimeout(resolve, 300)) : null;
  Promise.all([keepAll(), others]).then(() => {
    isResent = true;
    form.requestSubmit(event.submitter);
    isResent = false;
  });
}, true);
addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  isLeaving = true;
  const state = kept.get(form);
  if (!state) return;
  state.isSent = true;
  clearTimeout(state.timer);
  if (!state.id) return;
  const field = form.elements.draft_id ?? form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name: "draft_id" }));
  field.value = state.id;
});
addEventListener("pageshow", () => {
  isLeaving = false;
  for (const state of kept.values()) state.isSent = false;
});


const discard = (id) => post(`/account/drafts/${id}/discard/`, {}).catch(() => {});

function formFor(offer) {
  const fits = [...kept.values()].filter((state) => {
    if (state.id || actionOf(state.form) !== offer.action) return false;
    const names = valuesOf(state.form);
    return offer.changed.some((name) => name in names);
  });
  return fits.find((state) => state.number === offer.number) ?? fits[0];
}

const editLinks = () => [...document.querySelectorAll("a[data-edits]")];

async function openFormOf(offer) {
  const link = editLinks().find((one) => pathOf(one.href) === offer.action);
  if (!link) return undefined;
  const arrives = new Promise((resolve) => {
    document.addEventListener("form-in-place", resolve, { once: true });
    setTimeout(resolve, 5000);
  });
  link.click();
  await arrives;
  return formFor(offer);
}

export function dropForm(form) {
  const state = kept.get(form);
  if (!state) return;
  clearTimeout(state.timer);
  kept.delete(form);
  if (state.id) discard(state.id);
}

function fill(state, text) {
  const next = {};
  for (const control of typedControls(state.form)) {
    const { name } = control;
    if (!text.changed.includes(name)) continue;
    const values = text.fields[name] ?? [];
    if (isTick(control)) control.checked = values.includes(control.value);
    else if (control.tagName === "SELECT") for (const option of control.options) option.selected = values.includes(option.value);
    else control.value = values[next[name] ?? 0] ?? "";
    next[name] = (next[name] ?? 0) + 1;
    control.closest("details")?.setAttribute("open", "");
    control.dispatchEvent(new Event("input", { bubbles: true }));
    control.dispatchEvent(new Event("change", { bubbles: true }));
  }
  const version = text.fields.version?.[0];
  const field = state.form.elements.version;
  if (version && field?.type === "hidden") field.value = version;
  const formMark = text.fields.form_mark?.[0];
  if (formMark && state.form.elements.form_mark) state.form.elements.form_mark.value = formMark;
}

function focusOn(state, name) {
  const control = typedControls(state.form).find((one) => one.name === name);
  control?.focus();
  if (control?.setSelectionRange && /^(textarea|text|search|tel|url)$/.test(control.type)) control.setSelectionRange(control.value.length, control.value.length);
}

async function restore(state, offer, box) {
  const answer = await post(`/account/drafts/${offer.draft}/`, {});
  if (!answer.ok) return;
  const text = await answer.json();
  state.id = offer.draft;
  fill(state, text);
  clearTimeout(state.timer);
  state.stored = JSON.stringify(fieldsToKeep(state.form));
  state.focus = text.focus;
  box.querySelector("[data-says]").textContent = offer.put_back;
  box.querySelector("[data-restore]").hidden = true;
  homeOf(state).before(box);
  focusOn(state, text.focus);
}

const homeOf = (state) => state.form.closest("details:not([open])") ?? state.form;

function show(state, offer) {
  const box = document.querySelector("[data-draft-offer]").content.firstElementChild.cloneNode(true);
  const says = box.querySelector("[data-says]");
  box.querySelector("[data-restore]").addEventListener("click", () => restore(state, offer, box));
  box.querySelector("[data-discard]").addEventListener("click", async () => {
    await discard(offer.draft);
    if (state.id === offer.draft) {
      state.id = null;
      state.isUnsaved = false;
      state.form.reset();
    }
    box.remove();
    typedControls(state.form)[0]?.focus();
  });
  const heading = document.querySelector("main .page-head, main h1");
  if (heading && homeOf(state).getBoundingClientRect().top > innerHeight / 2) heading.after(box);
  else homeOf(state).before(box);
  says.textContent = offer.sentence;
  return box;
}

function cameBack() {
  if (!document.referrer || document.documentElement.hasAttribute("data-covered")) return false;
  const from = new URL(document.referrer);
  return from.origin === location.origin
    && [location.pathname, "/unlock/", "/unlock/passkey/", "/sign-in/", "/sign-in/factor/", "/lock/"].includes(from.pathname);
}

async function offerDrafts() {
  if (!kept.size && !document.querySelector(".problem")) return;
  const actions = [...new Set([...[...kept.keys()].map(actionOf), ...editLinks().map((link) => pathOf(link.href))])];
  const answer = await post("/account/drafts/offers/", { page: location.pathname, actions: JSON.stringify(actions) });
  if (!answer.ok) return;
  const { offers } = await answer.json();
  for (const offer of offers) {
    if ([...kept.values()].some((state) => state.id === offer.draft)) continue;
    const state = formFor(offer) ?? (offer.is_recent && cameBack() ? await openFormOf(offer) : undefined);
    if (!state) continue;
    const box = show(state, offer);
    const isFree = !state.id && !state.isUnsaved && !changedNames(state).length;
    if (offer.is_recent && isFree && cameBack()) await restore(state, offer, box);
  }
}
if (mark) offerDrafts().catch(() => {});
