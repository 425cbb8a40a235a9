// The set-up code is in the link's fragment, which no browser sends. It moves into the box and out of the address bar.
function takeCode() {
  const code = location.hash.slice(1);
  if (!code) return;
  document.querySelector("[name=code]").value = code;
  for (const link of document.querySelectorAll(".door-languages a")) link.hash = code;
  history.replaceState(null, "", location.pathname + location.search);
}

addEventListener("hashchange", takeCode);
takeCode();
