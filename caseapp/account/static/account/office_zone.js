// Preselects the browser's time zone on the first page of the set-up, and the country of that zone if it is offered.
const form = document.querySelector("[data-office-zone]");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const common = form?.querySelector("[name=zone]");
const other = form?.querySelector("[name=zone_other]");
const holds = (list) => [...(list?.options ?? [])].some((option) => option.value === zone);

if (holds(common)) common.value = zone;
else if (holds(other)) other.value = zone;
if (form && other?.value) other.closest("details").open = true;

const countries = JSON.parse(form?.dataset.officeZone || "{}");
const country = form?.querySelector(`[name=country][value="${countries[zone] ?? ""}"]`);
if (country) country.checked = true;
