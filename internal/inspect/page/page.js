// The page of the inspector. All text goes through textContent: nothing that
// comes from a request or a response is ever markup.

const most = 200; // exchanges shown, as many as the inspector keeps

const byId = (id) => document.getElementById(id);
const list = byId("list");

// el makes an element: properties, "aria-…" and "data-…" attributes, children
// that are elements or text.
function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.includes("-")) node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children.filter((c) => c != null && c !== ""));
  return node;
}

// A secret is text hidden behind dots, fetched only to be shown. shown is called
// with whether it is.
function secret(what, octets, query, shown = () => {}) {
  const text = el("code", { className: "secret", "data-hidden": "", "aria-live": "polite" });
  const eye = el("button", { type: "button", className: "eye", title: "Show or hide", "aria-pressed": "false", "aria-label": `Show ${what}` });
  const isOpen = () => eye.getAttribute("aria-pressed") === "true";
  const set = async (open) => {
    eye.setAttribute("aria-pressed", String(open));
    let value = "";
    if (open) {
      const response = await fetch("value?" + new URLSearchParams(query)).catch(() => null);
      value = response ? await response.text() : "crumb does not respond";
      if (!isOpen()) return; // hidden again before it arrived
    }
    text.textContent = value;
    text.toggleAttribute("data-hidden", !open);
    text.toggleAttribute("data-empty", open && value === "");
    shown(open);
  };
  const toggle = () => set(!isOpen());
  eye.addEventListener("click", toggle);
  text.addEventListener("click", () => text.hasAttribute("data-hidden") && toggle());
  const size = el("span", { className: "size" }, `value of ${octets} byte${octets === 1 ? "" : "s"}`);
  return { node: el("span", { className: "value" }, text, eye, size), text, open: () => set(true), isOpen };
}

// short cuts text to fit on a line; a name may have 4,096 letters.
function short(text, most = 60) {
  const letters = [...text];
  return letters.length > most ? letters.slice(0, most).join("") + "…" : text;
}

const nameOf = (name) => (name === "" ? el("i", {}, "without a name") : el("b", { className: "name" }, short(name)));
const valueOf = (name) => (name === "" ? "the value without a name" : `the value of ${short(name)}`);

// A pair is a cookie's name and its value; all of a long name is shown with it.
function pair(name, where, octets, query) {
  const label = nameOf(name);
  const value = secret(valueOf(name) + where, octets, query, (open) => {
    if (name !== "") label.textContent = open ? name : short(name);
  });
  return { nodes: [label, "=", value.node], value };
}

const badge = (kind, text) => el("span", { className: "badge", "data-kind": kind }, text);

// The exchanges.

const headlines = {
  stored: "a browser keeps the cookie",
  deleted: "a browser removes the cookie",
  ignored: "a browser silently drops the cookie",
};
const effects = { ignores: "ignored", deletes: "deletes", changes: "changed", notes: "note" };
const attributes = ["Domain", "Path", "Expires", "Secure", "HttpOnly", "SameSite", "Partitioned"];

// kindOf is the outcome of a Set-Cookie line, or "changed" if a browser does
// not interpret it as written.
function kindOf({ verdict }) {
  const changed = verdict.outcome !== "ignored" && verdict.reasons.some((r) => r.effect === "changes" || r.id === "deletes-nothing");
  return changed ? "changed" : verdict.outcome;
}

function isProblem(x) {
  return x.status >= 500 || (x.problem && ![401, 403, 404].includes(x.status)) || x.unseen?.length > 0 || x.changed?.length > 0 || x.warnings?.length > 0 ||
    (x.out ?? []).some((line) => line.deployed || ["ignored", "changed"].includes(kindOf(line)));
}

function names(lines) {
  const some = lines.slice(0, 3).map((line) => short(line.name, 30) || "(no name)").join(", ");
  return lines.length > 3 ? `${some} and ${lines.length - 3} more` : some;
}

// why is the first reason that a browser does not store a line as written.
function why({ verdict }) {
  const reason = verdict.reasons.find((r) => ["ignores", "changes"].includes(r.effect) || r.id === "deletes-nothing");
  return reason ? `, ${reason.field} ${reason.text}` : "";
}

function summaryOf(x) {
  const sent = Math.max(0, ...(x.in ?? []).map((g) => g.cookies.length));
  const out = x.out ?? [];
  const parts = sent > 0 ? [["sent", `${sent} sent`]] : [];
  for (const kind of ["stored", "deleted", "changed", "ignored"]) {
    const lines = out.filter((line) => kindOf(line) === kind);
    if (lines.length > 0) parts.push([kind, `${kind}: ${names(lines)}${lines.length === 1 ? why(lines[0]) : ""}`]);
  }
  const deployed = out.filter((line) => line.deployed);
  if (deployed.length > 0) parts.push(["changed", `not sent back at AWS: ${names(deployed)}`]);
  for (const what of new Set((x.device ?? []).map((n) => n.what))) parts.push([what === "ended" || what === "skipped" ? "changed" : "sent", what]);
  if (x.problem) parts.push([isProblem(x) ? "ignored" : "sent", "gateway responded"]);
  if (x.warnings?.length || x.unseen?.length || x.changed?.length) parts.push(["ignored", "warning"]);
  return parts;
}

function row(x) {
  const path = x.url.replace(/^https?:\/\/[^/]*/, "");
  const time = new Date(x.time);
  const summary = summaryOf(x);
  const body = el("div", { id: `x${x.id}`, className: "body", hidden: true });
  const head = el("button", { type: "button", className: "head", "aria-expanded": "false", "aria-controls": body.id },
    el("span", { className: "method" }, x.method), " ",
    el("span", { className: "path" }, short(path, 200)), " ",
    el("span", { className: "status", "data-kind": x.status >= 500 ? "ignored" : x.status >= 400 ? "changed" : "stored" }, String(x.status)), " ",
    el("span", { className: "badges" }, ...summary.flatMap(([kind, text]) => [badge(kind, text), " "])),
    el("time", { dateTime: x.time, title: time.toString() }, time.toLocaleTimeString()));
  head.addEventListener("click", () => {
    const open = head.getAttribute("aria-expanded") !== "true";
    if (open && !body.hasChildNodes()) body.append(...details(x));
    head.setAttribute("aria-expanded", String(open));
    body.hidden = !open;
  });
  const item = el("li", { value: x.id }, el("h3", {}, head), body);
  item.exchange = x;
  item.words = [x.method, path, x.function, x.status, ...(x.in ?? []).flatMap((g) => g.cookies.map((c) => c.name)), ...(x.out ?? []).map((l) => l.name)].join(" ").toLowerCase();
  item.problem = isProblem(x);
  item.spoken = `${x.method} ${short(path)} ${x.status}` + summary.map(([, text]) => ", " + text).join("");
  return item;
}

function details(x) {
  const facts = [
    ["URL", x.url],
    ["Function", x.function || "no route"],
    ["API", `${x.api}, door ${x.door}`],
    ["Response", `${x.status} ${x.reason} after ${x.millis} ms`],
  ];
  return [
    el("dl", { className: "facts" }, ...facts.flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v)])),
    x.problem ? el("p", { className: "warning" }, `The gateway responded, not the function: ${x.problem}`) : null,
    ...(x.warnings ?? []).map((w) => el("p", { className: "warning" }, w)),
    el("h4", {}, "Request cookies"), ...cameIn(x),
    el("h4", {}, "Response cookies"), ...wentOut(x),
    ...boundTo(x),
    x.omitted > 0 ? el("p", { className: "warning" }, `Cookie lines too long to keep: ${x.omitted}.`) : null,
  ].filter(Boolean);
}

function cameIn(x) {
  const groups = (x.in ?? []).map((g) => {
    const where = g.members[0] === "Cookie" ? ["the Cookie header; the request did not become an event"] : ["the event’s ", ...join(g.members.map((m) => el("code", {}, m)))];
    return el("div", { className: "group" }, el("p", { className: "where" }, "From ", ...where),
      el("ul", { className: "pairs" }, ...g.cookies.map((c) =>
        el("li", {}, ...pair(c.name, "", c.octets, { in: x.id, n: c.n }).nodes))));
  });
  if (x.unseen?.length) {
    groups.push(el("p", { className: "warning" }, `The gateway removed ${x.unseen.map((name) => short(name)).join(", ")} from the request before the function saw it.`));
  }
  return groups.length ? groups : [el("p", { className: "where" }, "None.")];
}

function join(nodes) {
  return nodes.flatMap((node, i) => (i === 0 ? [node] : [i === nodes.length - 1 ? " and " : ", ", node]));
}

function wentOut(x) {
  const lines = (x.out ?? []).map((line) => verdict(x, line));
  const out = lines.length ? [el("ul", { className: "lines" }, ...lines)] : [];
  for (const c of x.changed ?? []) {
    out.push(el("p", { className: "warning" }, "The line of ", nameOf(c.name), " in the response’s ", el("code", {}, c.member), " was not sent as written."));
  }
  return out.length ? out : [el("p", { className: "where" }, "None.")];
}

function boundTo(x) {
  if (!x.device?.length) return [];
  return [el("h4", {}, "Device-bound session"), el("ul", {}, ...x.device.map((n) => el("li", {}, el("b", {}, n.what + ": "), n.text)))];
}

function verdict(x, line) {
  const v = line.verdict;
  const kind = kindOf(line);
  const start = el("span", {}, nameOf(line.name), "=");
  const rest = el("span", { className: "rest" }, line.attributes);
  const hidden = secret(`the line that sets ${short(line.name) || "a cookie without a name"}`, v.value_octets, { out: x.id, n: line.n }, (open) => {
    start.hidden = rest.hidden = open; // the secret is the whole line
  });
  const item = el("li", { className: "line", "data-kind": kind },
    el("p", { className: "outcome" }, badge(v.outcome, v.outcome), " ", headlines[v.outcome]),
    el("p", { className: "setcookie" }, "Set-Cookie: ", start, hidden.node));
  hidden.text.after(rest);
  item.append(el("p", { className: "where" }, line.member ? "From the response’s " : "Added by the gateway, not by the function", line.member ? el("code", {}, line.member) : ""));
  if (line.differs) item.append(el("p", { className: "where" }, `Browsers differ. ${line.differs}.`));
  if (line.deployed) item.append(el("p", { className: "warning" }, line.deployed));
  if (v.reasons.length) {
    item.append(el("ul", { className: "reasons" }, ...v.reasons.map((r) =>
      el("li", { "data-effect": r.effect }, el("b", {}, effects[r.effect] + ": "), `${r.field} ${r.text}`, " ",
        el("span", { className: "rule" }, `${r.rule} [${r.id}]`)))));
  }
  if (v.go) item.append(fix(v.go, line.name));
  if (v.meanings) {
    const names = attributes.filter((a) => v.meanings[a.toLowerCase()]);
    item.append(el("details", {}, el("summary", {}, "What each attribute means"),
      el("dl", { className: "meanings" }, ...names.flatMap((a) => [el("dt", {}, a), el("dd", {}, v.meanings[a.toLowerCase()])]))));
  }
  return item;
}

function fix(code, name) {
  const copy = el("button", { type: "button", "aria-label": `Copy the Go code for ${short(name) || "the cookie without a name"}` }, "Copy");
  copy.hidden = !navigator.clipboard; // absent unless the page is from this machine
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(code);
    copy.textContent = "Copied";
    byId("news").textContent = "Copied";
  });
  return el("div", { className: "fix" }, el("p", {}, "The fix in Go, with shared/cookie: ", copy), el("pre", {}, el("code", {}, code)));
}

// The jar. Shown values stay shown when the jar changes.

const openInJar = new Map(); // key -> secret

function showJar(cookies) {
  const hosts = Map.groupBy(cookies, (c) => c.domain);
  const wasOpen = new Set([...openInJar].filter(([, s]) => s.isOpen()).map(([key]) => key));
  const focused = document.activeElement?.closest("#jar li")?.dataset.key;
  openInJar.clear();
  byId("jar").replaceChildren(...(cookies.length === 0 ? [el("p", { className: "empty" }, "Empty.")] : []),
    ...[...hosts].map(([host, of]) => el("div", { className: "host" }, el("h3", {}, host), el("ul", {}, ...of.map(jarCookie)))));
  for (const [key, s] of openInJar) {
    if (wasOpen.has(key)) s.open();
    if (key === focused) s.node.querySelector("button").focus();
  }
}

function jarCookie(c) {
  const { nodes, value } = pair(c.name, ` in the jar, path ${c.path}`, c.octets, { jar: c.key });
  openInJar.set(c.key, value);
  const facts = [
    c.host_only ? "this host only" : "and its subdomains",
    `Path ${c.path}`,
    c.expires ? el("time", { dateTime: c.expires, title: c.expires }, "until " + new Date(c.expires).toLocaleString([], { dateStyle: "medium", timeStyle: "short" })) : "until the browser closes",
    c.secure ? "Secure" : null,
    c.http_only ? "HttpOnly" : "readable by scripts",
    `SameSite ${c.same_site || "Lax by default"}`,
    c.bound ? "device-bound: a copied jar opens the session " + (c.expires ? `until ${new Date(c.expires).toLocaleTimeString()}, then only the device` : "while this cookie is good, which has no end") : null,
    c.partition ? `Partitioned under ${c.partition}` : null,
  ];
  return el("li", { "data-key": c.key }, el("p", {}, ...nodes),
    el("ul", { className: "facts" }, ...facts.filter(Boolean).map((f) => el("li", {}, f))));
}

// Live events.

const waiting = []; // while paused
let paused = false;
let spoken = "";

function add(x) {
  if (paused) {
    waiting.push(x);
    if (waiting.length > most) waiting.shift();
    byId("pause").textContent = `Pause, ${waiting.length} waiting`;
    return;
  }
  const item = row(x);
  list.prepend(item);
  while (list.children.length > most) list.lastElementChild.remove();
  filter(item);
  byId("none").hidden = true;
  spoken = item.spoken;
}

// Tells a screen reader about the newest request, not about each of many.
setInterval(() => {
  if (spoken) byId("news").textContent = spoken;
  spoken = "";
}, 1000);

function filter(item) {
  const words = byId("filter").value.trim().toLowerCase();
  const problems = byId("problems").getAttribute("aria-pressed") === "true";
  item.hidden = !item.words.includes(words) || (problems && !item.problem);
}

function press(id, done) {
  const button = byId(id);
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    done(on);
  });
}

byId("filter").addEventListener("input", () => [...list.children].forEach(filter));
press("problems", () => [...list.children].forEach(filter));
press("pause", (on) => {
  paused = on;
  byId("pause").textContent = "Pause";
  if (!on) waiting.splice(0).forEach(add);
});
byId("clear").addEventListener("click", () => {
  list.replaceChildren();
  waiting.length = 0;
  byId("none").hidden = false;
});

function state(name, text) {
  byId("state").dataset.state = name;
  byId("state").textContent = text;
}

const source = new EventSource("events");
source.addEventListener("open", () => state("live", "Live"));
source.addEventListener("error", () => {
  if (source.readyState === EventSource.CLOSED) state("gone", "crumb was restarted: open the URL it printed");
  else state("connecting", "crumb does not respond: trying again. If it was restarted, open the URL it printed");
});
source.addEventListener("exchange", (event) => add(JSON.parse(event.data)));
source.addEventListener("jar", (event) => showJar(JSON.parse(event.data)));
