// Date fields: what is typed fills the lists, and the server says which day that is before it is saved.
const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
const pause = 400; // ms without a key before typed text is read

export function watchDates(field) {
  const { dateName: name, dateId: id, dateKind: kind, dateWhat: what, dateSaved: saved } = field.dataset;
  const box = (part) => field.querySelector(`[data-date-part="${part}"]`);
  const echo = field.querySelector(".date-echo");
  let asked = 0;
  let timer = 0;

  const needed = kind === "birth_in_part" ? ["year"] : ["day", "month", "year"]; // of a birth the year may be enough
  const isPartial = () => !box("text").value && !needed.every((part) => box(part).value);

  function fillLists(iso) {
    const [year, month = "", day = ""] = iso.split("-").map(Number);
    for (const [part, value] of Object.entries({ year, month, day })) box(part).value = String(value);
  }

  async function ask(showsProblem) {
    const number = ++asked;
    const body = new URLSearchParams({ csrfmiddlewaretoken: token, name, id, kind, what, saved });
    for (const input of field.querySelectorAll("input, select")) {
      if (input.type !== "checkbox" || input.checked) body.set(input.name, input.value);
    }
    if (box("text").value) for (const part of ["day", "month", "year"]) body.delete(`${name}_${part}`);
    const answer = await fetch("/dates/echo/", { method: "POST", body, credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok || number !== asked) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (number !== asked) return;
    const words = fresh.querySelector("[data-date-iso]");
    echo.replaceChildren(...(words || showsProblem ? fresh.body.childNodes : []));
    if (words && box("text").value) fillLists(words.dataset.dateIso);
  }

  function read(event) {
    const part = event.target.dataset.datePart;
    if (!part) return;
    clearTimeout(timer);
    if (part === "day" && /\D/.test(box("day").value.trim()) && event.type === "change") {
      box("text").value = box("day").value; // a whole date, pasted
      box("day").value = "";
    } else if (part !== "text") {
      box("text").value = "";
    }
    if (isPartial()) {
      asked += 1;
      echo.replaceChildren();
    } else if (event.type === "change") {
      ask(true);
    } else {
      timer = setTimeout(ask, pause, false);
    }
  }
  field.addEventListener("input", read);
  field.addEventListener("change", read);
}

document.querySelectorAll("[data-date-name]").forEach(watchDates);
