// The page: its tabs, the ways in which a file comes, and how the services are. It asks /health, which wakes nothing;
// a service is asked only when somebody gives it something to do.

import { look, measure, read } from "./panels.js";

/** What the panels do with a file. */
const DO = { ocr: read, insights: measure };
/** States that mean the same to whoever asks: the gateway has the first two, the Worker the third. */
const READY = ["healthy", "ok", "awake"];
const PATIENCE = 10_000;

const $ = (id) => document.getElementById(id);
const tabs = [...document.querySelectorAll("[role=tab]")];
const panelOf = (tab) => $(tab.getAttribute("aria-controls"));
const chosen = () => tabs.find((tab) => tab.getAttribute("aria-selected") === "true");

function choose(tab) {
  for (const each of tabs) {
    const isChosen = each === tab;
    each.setAttribute("aria-selected", String(isChosen));
    each.tabIndex = isChosen ? 0 : -1;
    panelOf(each).hidden = !isChosen;
  }
  history.replaceState(null, "", `#${panelOf(tab).id}`);
}

/** Arrows, Home and End go through the tabs, as the ARIA pattern of tabs has it. */
function move(event) {
  const last = tabs.length - 1;
  const now = tabs.indexOf(event.currentTarget);
  const next = { ArrowRight: now === last ? 0 : now + 1, ArrowLeft: now === 0 ? last : now - 1, Home: 0, End: last };
  const to = tabs[next[event.key]];
  if (!to) return;
  event.preventDefault();
  choose(to);
  to.focus();
}

async function work(panel) {
  const file = panel.querySelector("input[type=file]")?.files[0];
  if (!file) return;
  await DO[panel.id](panel, file);
  await state();
}

/** A file that is dropped or pasted goes to the panel that is seen; elsewhere it would replace the page. */
function take(event, transfer) {
  const input = panelOf(chosen()).querySelector("input[type=file]");
  document.body.classList.remove("dragging");
  if (!transfer?.files.length) return;
  event.preventDefault();
  if (!input) return;
  input.files = transfer.files;
  void work(panelOf(chosen()));
}

/** Shows how each service is. */
async function state() {
  let services;
  try {
    const answer = await fetch("/health", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    ({ services } = await answer.json());
  } catch {
    services = undefined;
  }
  const told = services ? Object.entries(services).map(line) : [item("server: unreachable", "unreachable")];
  // Only what has changed is read aloud.
  const seen = [...$("state").children].map(({ textContent }) => textContent).join();
  if (told.map(({ textContent }) => textContent).join() !== seen) $("state").replaceChildren(...told);
  for (const id of ["ocr", "insights", "xet"]) {
    $(id).querySelector(".absent").hidden = !services || Object.hasOwn(services, id);
  }
}

function line([name, { state: atEdge, status, instances = [] }]) {
  const given = String(atEdge ?? status ?? "unknown");
  const word = READY.includes(given) ? "ready" : given;
  const awake = instances.filter(({ state: each }) => each === "awake").length;
  return item(`${name}: ${word}${awake > 1 ? ` (${awake} instances)` : ""}`, word);
}

function item(text, word) {
  const made = document.createElement("li");
  made.textContent = text;
  if (/^[a-z]+$/.test(word)) made.className = word;
  return made;
}

for (const tab of tabs) {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", move);
}
for (const panel of tabs.map(panelOf)) {
  // There before it has something to say, so that screen readers watch it.
  panel.querySelector(".told").append($("told").content.cloneNode(true));
  panel.querySelector("input[type=file]")?.addEventListener("change", () => work(panel));
}
$("quality").addEventListener("change", () => work($("ocr")));
$("refresh").addEventListener("click", state);
$("xet").querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  await look($("xet"));
  await state();
});
document.addEventListener("dragover", (event) => {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  document.body.classList.add("dragging");
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.body.classList.remove("dragging");
});
document.addEventListener("drop", (event) => take(event, event.dataTransfer));
document.addEventListener("paste", (event) => take(event, event.clipboardData));

choose(tabs.find((tab) => `#${panelOf(tab).id}` === location.hash) ?? tabs[0]);
void state();
