// A link's code is in its fragment, which no browser sends. It moves into the box and out of the address bar. The links
// to other languages keep it, also on the pages after the box, which have it in a hidden field.
function takeCode() {
  const box = document.querySelector("[name=code]");
  const taken = location.hash.slice(1);
  if (taken) {
    box.value = taken;
    history.replaceState(null, "", location.pathname + location.search);
  }
  for (const link of document.querySelectorAll(".door-languages a")) link.hash = box.value;
  if (taken && box.form.hasAttribute("data-send")) box.form.requestSubmit();
}

addEventListener("hashchange", takeCode);
takeCode();
