// Facts edited in place: htmx brings the form of a fact into the page; saving it is an ordinary form.
import { dropForm, followForm } from "./drafts.js";
import { watchDates } from "./dates.js";

// An answer that is not such a form (signed out, locked, no longer shared) is shown as a page of its own.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { elt, serverResponse, xhr } = event.detail;
  if (xhr.status === 200 && serverResponse.includes("data-in-place")) return;
  event.detail.shouldSwap = false;
  location.assign(elt.href);
});
document.addEventListener("htmx:sendError", (event) => location.assign(event.detail.elt.href));
// A second press finds the form that is open already.
document.addEventListener("htmx:beforeRequest", (event) => {
  const open = document.querySelector(`form[data-in-place][action="${event.detail.elt.getAttribute("href")}"]`);
  if (!open) return;
  event.preventDefault();
  focusOn(open);
});
document.addEventListener("htmx:load", (event) => {
  const form = event.detail.elt;
  if (!form.matches?.("[data-in-place]")) return;
  form.querySelectorAll("[data-date-name]").forEach(watchDates);
  followForm(form);
  form.querySelector("[data-close]")?.addEventListener("click", (event) => {
    event.preventDefault();
    dropForm(form);
    form.remove();
  });
  focusOn(form);
});

function focusOn(form) {
  form.querySelector("input:not([type=hidden]), select, textarea")?.focus();
}
