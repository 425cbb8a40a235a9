// Facts edited in place: a link brings the form of its page into this one; saving it is an ordinary form.
import { watchDates } from "./dates.js";
import { dropForm, followForm } from "./drafts.js";

const focusOn = (form) => form.querySelector("input:not([type=hidden]), select, textarea")?.focus();
const openForm = (link) =>
  [...document.querySelectorAll("form[data-in-place]")].find((form) => form.getAttribute("action") === link.getAttribute("href"));

async function readForm(link) {
  const answer = await fetch(link.href, { headers: { "X-In-Place": "yes" }, credentials: "same-origin", redirect: "manual" }).catch(() => null);
  if (!answer?.ok) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("form[data-in-place]");
}

async function edit(link) {
  const form = await readForm(link);
  // Any other answer (signed out, locked, no longer shared) is shown as a page of its own.
  if (!form) return location.assign(link.href);
  link.closest("[data-fact]").after(form);
  form.querySelectorAll("[data-date-name]").forEach(watchDates);
  form.querySelector("[data-close]").addEventListener("click", (event) => {
    event.preventDefault();
    dropForm(form);
    form.remove();
    link.focus();
  });
  followForm(form);
  focusOn(form);
  document.dispatchEvent(new Event("form-in-place"));
}

let isReading = false;
document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("a[data-edits]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const form = openForm(link);
  if (form) return focusOn(form);
  if (isReading) return;
  isReading = true;
  await edit(link);
  isReading = false;
});
