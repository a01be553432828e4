// The page's script. All text goes through textContent: nothing in a paste is markup.

const byId = (id) => document.getElementById(id);

// el makes an element with properties, "aria-…" and "data-…" attributes and children.
function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.includes("-")) node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children.filter((c) => c != null));
  return node;
}

const headlines = {
  stored: "a browser keeps the cookie",
  changed: "a browser keeps the cookie, not as the line says",
  deleted: "a browser removes the cookie",
  ignored: "a browser silently drops the cookie",
};
const does = { stored: "keeps the cookie", deleted: "removes the cookie", ignored: "drops the cookie" };
const effects = { ignores: "ignored", deletes: "deletes", changes: "changed", notes: "note" };

let report;

function kindOf({ verdict }) {
  return verdict.stored && verdict.reasons.some((r) => r.effect === "changes") ? "changed" : verdict.outcome;
}

const past = { stored: "kept", deleted: "removed", ignored: "silently dropped" };

function headline(line) {
  if (!line.engines?.some((e) => e.outcome !== line.engines[0].outcome)) return headlines[kindOf(line)];
  const groups = Object.entries(Object.groupBy(line.engines, (e) => e.outcome));
  return "the cookie is " + groups.map(([outcome, of]) => `${past[outcome]} by ${of.map((e) => e.name).join(" and ")}`).join(", ");
}

function showLine(line) {
  const v = line.verdict;
  const kind = kindOf(line);
  const name = v.name === "" ? "A cookie without a name" : v.name;
  return el("li", { "data-kind": kind },
    el("h3", {}, el("bdi", {}, name), ": ", el("span", { className: "badge" }, kind), " ", headline(line)),
    el("p", { className: "hint" }, `${line.place ? line.place + ", " : ""}value of ${v.value_octets} byte${v.value_octets === 1 ? "" : "s"}, ${line.assumed ? "assuming that the response came" : ""} from ${v.url}`),
    v.reasons.length ? el("ul", { className: "reasons" }, ...v.reasons.map((r) =>
      el("li", {}, el("b", {}, `${effects[r.effect]}: `), `${r.field} ${r.text}`, el("span", { className: "rule" }, `${r.rule} [${r.id}]`)))) : null,
    line.engines ? el("h4", {}, "Browser by browser") : null,
    line.engines ? el("ul", { className: "engines" }, ...line.engines.map((e) =>
      el("li", {}, el("b", {}, e.name), e.documented ? " (documented, not run) " : " ", does[e.outcome], e.reasons ? `: ${e.reasons.join("; ")}` : ""))) : null,
    v.go ? fix(v) : null,
    v.meanings ? el("details", {}, el("summary", {}, "What each attribute means"),
      el("dl", {}, ...Object.entries(v.meanings).flatMap(([key, text]) => [el("dt", {}, key), el("dd", {}, text)]))) : null);
}

function fix(v) {
  const select = byId("fix");
  const code = select.value === "crumb" ? v.go : v.fixes[select.value];
  const copy = copies(el("button", { type: "button", "aria-label": `Copy the fix for ${v.name || "the cookie without a name"}` }, "Copy"), () => code);
  return el("div", {}, el("h4", {}, `The fix in ${select.selectedOptions[0].text} `, copy), el("pre", { tabIndex: 0 }, el("code", {}, code)));
}

// copies makes a button copy a text.
function copies(button, text) {
  button.hidden = !navigator.clipboard; // absent over plain http from another machine
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text());
    say("Copied");
  });
  return button;
}

const say = (text) => (byId("news").textContent = text);

// run explains the paste and shows the report. It returns whether it could.
function run(to) {
  const result = JSON.parse(globalThis.crumb(byId("paste").value, byId("url").value.trim(), to));
  byId("news").toggleAttribute("data-error", "error" in result);
  if (result.error) {
    say(`Not understood: ${result.error}`);
    return false;
  }
  report = result;
  byId("results").hidden = false;
  showLines();
  byId("jar").replaceChildren(...(report.jar.length ? report.jar : ["None."]).map((text) => el("li", {}, text)));
  byId("to").value = report.to;
  byId("sent").textContent = report.sent ? `Cookie: ${report.sent}` : "no Cookie header";
  showLink();
  return true;
}

const showLines = () => byId("lines").replaceChildren(...report.lines.map(showLine));

function showLink() {
  const text = byId("values").checked ? report.full : report.masked;
  byId("link").value = location.href.split("#")[0] + "#" + encodeURIComponent(text);
}

function explain() {
  if (!run("")) return;
  const kinds = Object.entries(Object.groupBy(report.lines, kindOf)).map(([kind, lines]) => `${lines.length} ${kind}`);
  say(`${report.lines.length} line${report.lines.length === 1 ? "" : "s"}: ${kinds.join(", ")}`);
}

byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  explain();
  if (!byId("results").hidden && !byId("news").hasAttribute("data-error")) byId("verdicts").focus();
});
byId("file").addEventListener("change", async () => {
  byId("paste").value = await byId("file").files[0].text();
  explain();
});
byId("fix").addEventListener("change", showLines);
byId("to").addEventListener("change", () => run(byId("to").value.trim()) && say(byId("sent").textContent));
byId("values").addEventListener("change", showLink);
copies(byId("copy"), () => byId("link").value);

// A link has its lines after #.
function open() {
  if (location.hash.length < 2) return;
  byId("paste").value = decodeURIComponent(location.hash.slice(1));
  byId("url").value = "";
  explain();
}

const go = new globalThis.Go();
try {
  const program = await WebAssembly.instantiate(await (await fetch("crumb.wasm")).arrayBuffer(), go.importObject);
  go.run(program.instance);
  byId("explain").disabled = false;
  byId("explain").textContent = "Explain";
  addEventListener("hashchange", open);
  open();
} catch (err) {
  byId("news").toggleAttribute("data-error", true);
  say(`The page cannot load its program: ${err.message}. It needs a web server, not file://.`);
}
