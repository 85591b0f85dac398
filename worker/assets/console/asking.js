// Asks a service, and tells of it: how long it took, its id, what went wrong, and the command line that does the same.
// What comes back is text to this page, never markup.

const KEY = { header: "X-API-Key", begins: "", variable: "$OFFING_API_KEY", field: "key" };
const TOKEN = { header: "Authorization", begins: "Bearer ", variable: "$HF_TOKEN", field: "token" };

/** Types that curl tells by the end of a name itself. */
const CURL_KNOWS = /\.(?:gif|jpe?g|png|pdf)$/i;
/** Control characters, and those that turn the direction of writing: a command line shows what it is. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

const underway = new WeakMap();
const $ = (id) => document.getElementById(id);

/** The secrets of which the fields hold something; those of the hub go to Xet alone. */
const filled = (forHub) => [KEY, ...(forHub ? [TOKEN] : [])].filter(({ field }) => $(field).value.trim() !== "");

/** Whether a request would carry a secret, which a plain link can't. */
export const carriesSecrets = () => filled(true).length > 0;

/**
 * Sends a request for a panel: `path` with its query, `file` as the form field `field`, `read` ("json" or "blob"), the
 * name to `save` the answer under, and whether it goes on to the hub (`forHub`). Gives back what was read; undefined
 * where it failed, which is told, or where the panel has asked anew meanwhile.
 */
export async function ask(panel, { path, field, file, read = "json", save, forHub = false }) {
  underway.get(panel)?.abort();
  const stop = new AbortController();
  underway.set(panel, stop);
  tell(panel, { status: "Asking… A service that sleeps takes some seconds to wake.", curl: curl({ path, field, file, save, forHub }) });
  if (filled(forHub).some(({ field: id }) => /[^\x21-\x7e]/.test($(id).value.trim()))) {
    tell(panel, { status: "", problem: "The key or token has characters that none has.\nPaste it once more." });
    return undefined;
  }
  const begun = performance.now();
  try {
    const answer = await fetch(path, { ...request(field, file, forHub), signal: stop.signal });
    const body = answer.ok ? await answer[read]() : await problemOf(answer);
    tell(panel, { status: summary(answer, performance.now() - begun), problem: answer.ok ? "" : body });
    return answer.ok ? body : undefined;
  } catch {
    if (!stop.signal.aborted) {
      tell(panel, { status: "", problem: "No whole answer came.\nLook whether the server is running and can be reached, then try again." });
    }
    return undefined;
  }
}

function request(field, file, forHub) {
  const headers = Object.fromEntries(
    filled(forHub).map(({ header, begins, field: id }) => [header, `${begins}${$(id).value.trim()}`]),
  );
  const options = { headers, cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" };
  if (!file) return options;
  const body = new FormData();
  body.append(field, file, file.name);
  return { ...options, method: "POST", body };
}

/** The command line of a request. Secrets stand in it as variables of the shell: what is on a screen is seen. */
export function curl({ path, field, file, save, forHub }) {
  const secrets = filled(forHub).map(({ header, begins, variable }) => `-H "${header}: ${begins}${variable}"`);
  const form = file ? [`-F ${quoted(`${field}=@${formName(file)}`)}`] : [];
  const output = save ? [`-o ${quoted(shown(save))}`] : [];
  return ["curl", ...secrets, ...form, quoted(new URL(path, location.origin).href), ...output].join(" ");
}

/** A word for a POSIX shell. */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** A name as it may stand in a line that is copied. */
const shown = (name) => (UNSEEN.test(name) || name.startsWith("-") ? "FILE" : name);

/** A file's name for curl's -F, in which , ; and quotes mean something. */
function formName({ name, type }) {
  const plain = shown(name);
  const told = /[,;"\\]/.test(plain) ? `"${plain.replace(/["\\]/g, "\\$&")}"` : plain;
  return type && !CURL_KNOWS.test(plain) ? `${told};type=${type}` : told;
}

function summary(answer, milliseconds) {
  const id = answer.headers.get("X-Request-ID");
  const took = milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
  return [`${answer.status} in ${took}`, ...(id ? [`request ${id}`] : [])].join(" · ");
}

/** What a refusal says: a problem's detail and remedy (RFC 9457), or the words that a compatible API has for them. */
async function problemOf(answer) {
  const body = (await answer.json().catch(() => null)) ?? {};
  const first = Array.isArray(body.detail) ? body.detail[0]?.msg : (body.detail?.error ?? body.detail);
  const wait = Number(answer.headers.get("Retry-After"));
  return [
    first ?? body.message ?? body.error ?? `The server answered ${answer.status} without saying why.`,
    body.remedy,
    wait > 0 ? `Try again in ${wait} s.` : undefined,
  ]
    .filter((line) => typeof line === "string")
    .join("\n");
}

/** Shows where a request of a panel stands. What is not named stays as it is; a problem goes with the next word. */
function tell(panel, { status, problem = "", curl: line }) {
  const told = panel.querySelector(".told");
  told.querySelector(".status").textContent = status;
  const alert = told.querySelector(".problem");
  alert.textContent = problem;
  alert.hidden = !problem;
  if (line !== undefined) showLine(told.querySelector(".line"), line);
}

/** Shows a command line with its button, which is there where a page may write to the clipboard. */
export function showLine(place, line) {
  const button = place.querySelector("button");
  place.querySelector("pre").textContent = line;
  place.hidden = false;
  button.hidden = !navigator.clipboard;
  button.onclick = async () => {
    await navigator.clipboard.writeText(line).then(
      () => (button.textContent = "Copied"),
      () => (button.textContent = "Not allowed"),
    );
    setTimeout(() => (button.textContent = "Copy"), 2000);
  };
}

/** Puts an answer among the browser's downloads. Of no type, so that no browser opens it as a page of this server. */
export function saveAs(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([blob], { type: "application/octet-stream" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
