// Uses the console as somebody would, and tells the test what is to be seen then.

const tell = (told) => fetch("/told", { method: "POST", body: JSON.stringify(told) });
addEventListener("error", ({ message }) => tell({ failed: message }));
addEventListener("unhandledrejection", ({ reason }) => tell({ failed: String(reason) }));

const $ = (selector) => document.querySelector(selector);
const seen = async (ready) => {
  while (!ready()) await new Promise((done) => setTimeout(done, 20));
};

/** Gives a panel a file, as a drop does. */
function drop(name) {
  const transfer = new DataTransfer();
  transfer.items.add(new File(["pixels"], name, { type: "image/png" }));
  document.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
}

await seen(() => $("#state").children.length > 0);
const before = await (await fetch("/asked")).json();
$("#key").value = "the-key";
$("#token").value = "the-token";

drop("<img src=x onerror=alert(1)>'.png");
await seen(() => !$("#ocr .result").hidden);

$("#tab-ocr").dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
const focused = document.activeElement.id;
drop("a.png");
await seen(() => !$("#insights .problem").hidden);

$("#tab-xet").click();
$("#repo").value = "acme/model";
$("#file").value = "model.safetensors";
$("#xet form").requestSubmit();
await seen(() => !$("#xet .result").hidden);

await tell({
  before,
  focused,
  state: $("#state").textContent,
  text: $("#ocr .text").textContent,
  box: $("#ocr polygon").textContent,
  points: $("#ocr polygon").getAttribute("points"),
  status: $("#ocr .status").textContent,
  line: $("#ocr .line pre").textContent,
  problem: $("#insights .problem").textContent,
  facts: $("#facts").textContent,
  download: $("#one pre").textContent,
  link: $("#link").hidden,
  made: document.querySelectorAll("img[src=x], [onerror], b, main script").length,
  page: document.documentElement.outerHTML,
  address: location.href,
  kept: localStorage.length + sessionStorage.length + document.cookie.length,
});
