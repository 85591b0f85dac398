// What the three services answer, shown. Texts go into the page as text, colours by the style's own setter.

import { ask, carriesSecrets, curl, saveAs, showLine } from "./asking.js";

const SVG = "http://www.w3.org/2000/svg";
/** Files that the page lists, and bytes that it fetches into its memory. */
const MOST_FILES = 200;
const MOST_BYTES = 256 * 2 ** 20;
const NUMBERS = [
  ["Brightness, 0 to 100", "brightness_score"],
  ["Average luminance, 0 to 255", "average_luminance"],
  ["Brightness of the edges", "edge_brightness_score"],
  ["Average luminance of the edges", "edge_average_luminance"],
  ["Median luminance", "median_luminance"],
  ["Tone", "tone"],
  ["Contrast", "contrast"],
  ["Sharpness", "sharpness"],
  ["Colourfulness", "colorfulness"],
];
const HASHES = [
  ["pHash", "phash"],
  ["BlurHash", "blurhash"],
  ["ThumbHash", "thumbhash"],
];
const $ = (id) => document.getElementById(id);

/** Reads a file, and shows its text, with its lines boxed where it is an image. */
export async function read(panel, file) {
  const quality = $("quality").value;
  const result = begin(panel);
  const answer = await ask(panel, { path: `/ocr?quality=${quality}`, field: "file", file });
  if (!answer) return;
  result.querySelector(".text").textContent = answer.text || "No text was found.";
  for (const button of result.querySelectorAll("[data-format]")) {
    button.onclick = () => convert(panel, file, quality, button.dataset);
  }
  picture(result, file);
  const { width, height } = answer.image_size;
  const boxes = result.querySelector("svg");
  boxes.setAttribute("viewBox", `0 0 ${width} ${height}`);
  boxes.replaceChildren(...answer.results.filter(({ page = 1 }) => page === 1).map(box));
  result.hidden = false;
}

async function convert(panel, file, quality, { format, ending }) {
  const save = `${file.name.replace(/\.[^.]*$/, "")}${ending}`;
  const path = `/ocr?quality=${quality}&format=${format}`;
  const answer = await ask(panel, { path, field: "file", file, save, read: "blob" });
  if (answer) saveAs(answer, save);
}

function box({ text, confidence, bbox }) {
  const polygon = document.createElementNS(SVG, "polygon");
  polygon.setAttribute("points", bbox.map((point) => point.join(",")).join(" "));
  const title = document.createElementNS(SVG, "title");
  title.textContent = `${text} (${Math.round(confidence * 100)} %)`;
  polygon.append(title);
  return polygon;
}

/** Measures an image, and shows its numbers and colours. */
export async function measure(panel, file) {
  const result = begin(panel);
  const path = "/v1/image/analysis?metrics=all&edge_mode=all";
  const answer = await ask(panel, { path, field: "image", file });
  if (!answer) return;
  const size = ["Size", `${answer.width} × ${answer.height} pixels`];
  pairs($("numbers"), [size, ...NUMBERS.map(([name, key]) => [name, answer[key]])]);
  pairs($("hashes"), HASHES.map(([name, key]) => [name, answer[key]]), "code");
  $("palette").replaceChildren(...(answer.palette ?? []).map(swatch));
  picture(result, file);
  result.hidden = false;
}

function swatch({ color, share }) {
  const item = element("li");
  const field = element("span");
  field.className = "swatch";
  field.style.backgroundColor = color;
  item.append(field, element("code", color), ` ${percent(share)}`);
  return item;
}

/** Looks a repository up: one file of it, or all. */
export async function look(panel) {
  const [repo, wanted] = [$("repo").value.trim().replace(/^\/+|\/+$/g, ""), $("file").value.trim()];
  const revision = $("revision").value.trim();
  const query = revision ? `?revision=${encodeURIComponent(revision)}` : "";
  const result = begin(panel);
  const answer = await ask(panel, { path: `/repos/${encoded(repo)}${query}`, forHub: true });
  if (!answer) return;
  pairs($("repository"), [
    ["Name", answer.repository],
    ["Commit", answer.commit],
    ["Size", `${bytes(answer.bytes)} in ${answer.files.length}${answer.truncated ? " and more" : ""} files`],
    ["Cached here", `${percent(answer.cached_share)} (${bytes(answer.cached_bytes)})`],
  ]);
  const file = answer.files.find(({ path }) => path === wanted);
  $("one").hidden = !file;
  $("missing").hidden = Boolean(file) || wanted === "";
  $("all").hidden = Boolean(file);
  if (file) one(panel, file, `/download/${encoded(repo)}/${encoded(file.path)}${query}`);
  else all(panel, answer.files);
  result.hidden = false;
}

function one(panel, file, path) {
  pairs($("facts"), [
    ["Name", file.path],
    ["Size", `${bytes(file.bytes)} (${file.bytes.toLocaleString("en")} bytes)`],
    ["SHA-256", file.sha256 ?? "not told by the hub"],
    ["Xet hash", file.xet_hash ?? "none: not stored in Xet"],
    ["Cached here", file.cached ? "yes" : "no"],
  ]);
  const save = file.path.split("/").pop();
  // A link sends neither key nor token.
  const [needsFetch, isSmall] = [carriesSecrets(), file.bytes <= MOST_BYTES];
  $("link").href = path;
  $("link").hidden = needsFetch;
  $("fetch").hidden = !needsFetch || !isSmall;
  $("by-curl").hidden = !needsFetch || isSmall;
  $("fetch").onclick = async () => {
    const answer = await ask(panel, { path, save, read: "blob", forHub: true });
    if (answer) saveAs(answer, save);
  };
  showLine($("one").querySelector(".line"), curl({ path, save, forHub: true }));
}

function all(panel, files) {
  $("files").replaceChildren(
    ...files.slice(0, MOST_FILES).map(({ path, bytes: size, cached }) => {
      const item = element("li");
      const button = element("button", path);
      button.type = "button";
      button.onclick = () => {
        $("file").value = path;
        void look(panel).then(() => panel.focus());
      };
      item.append(button, element("span", bytes(size)), element("span", cached ? "cached" : ""));
      return item;
    }),
  );
  $("more").textContent = `The first ${MOST_FILES} of ${files.length} files; name the one that you look for.`;
  $("more").hidden = files.length <= MOST_FILES;
}

/** Hides what an earlier request has left. */
function begin(panel) {
  const result = panel.querySelector(".result");
  result.hidden = true;
  return result;
}

/** Shows the image itself, where the browser can. */
function picture(result, file) {
  const figure = result.querySelector("figure");
  const image = figure.querySelector("img");
  URL.revokeObjectURL(image.src);
  figure.hidden = true;
  image.onload = () => (figure.hidden = false);
  image.alt = file.name;
  image.src = URL.createObjectURL(file);
}

function pairs(list, entries, tag) {
  list.replaceChildren(
    ...entries
      .filter(([, value]) => value !== undefined && value !== null)
      .flatMap(([name, value]) => {
        const told = element("dd", tag ? "" : value);
        if (tag) told.append(element(tag, value));
        return [element("dt", name), told];
      }),
  );
}

function element(name, text = "") {
  const made = document.createElement(name);
  made.textContent = String(text);
  return made;
}

const encoded = (path) => path.split("/").map(encodeURIComponent).join("/");
const percent = (share) => `${(share * 100).toFixed(1)} %`;

function bytes(count) {
  const power = count < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(count) / 3));
  return `${power ? (count / 1000 ** power).toFixed(1) : count} ${["bytes", "kB", "MB", "GB", "TB"][power]}`;
}
