"use strict";
// Shows what GET /state tells of one person's Slack, and tells POST /do what that person does.
let state = {}, user = "U0AMAL", place = "C0LIBYA", root = null, drawnModal = "";
const at = (id) => document.getElementById(id);

async function act(what, fields) {
  const answer = await fetch("/do", { method: "POST", body: JSON.stringify({ what, user, ...fields }) });
  return answer.json();
}

async function watch() {
  for (;;) {
    try {
      const asked = new URLSearchParams({ user, stamp: state.user === user ? state.stamp || "" : "" });
      const told = await (await fetch(`/state?${asked}`)).json();
      if (told.conversations && told.user === user) { state = told; draw(); }
    } catch (error) { await new Promise((go) => setTimeout(go, 1000)); }
  }
}

function fill(element, html, follow) {
  if (element.dataset.drawn === html) return;
  const below = element.scrollHeight - element.scrollTop - element.clientHeight < 80;
  element.dataset.drawn = html;
  element.innerHTML = html;
  if (follow && below) element.scrollTop = element.scrollHeight;
}

const escaped = (text) => { const held = document.createElement("i"); held.textContent = text; return held.innerHTML; };

function message(one, there, inThread) {
  const replies = there.threads[one.ts] || [];
  const status = there.statuses[one.ts];
  const open = inThread ? "" : replies.length
    ? `<div class="replies" data-root="${one.ts}">${replies.length} ${replies.length > 1 ? "replies" : "reply"} ›</div>` : "";
  const doing = status ? `<div class="status" data-root="${one.ts}">Chancery ${escaped(status)}</div>` : "";
  const acts = one.alone ? "" : `<span class="acts"><button data-shortcut="add_to_corpus" data-ts="${one.ts}">Add to corpus</button>
    <button data-shortcut="check_claims" data-ts="${one.ts}">Check claims</button></span>`;
  return `<div class="message${one.alone ? " alone" : ""}" data-ts="${one.ts}">
    <div class="avatar${one.app ? "" : " person"}">${escaped(one.author[0])}</div><div>${acts}
    <span class="author">${escaped(one.author)}</span>${one.app ? '<span class="app">APP</span>' : ""}
    <span class="time">${one.time}</span>${one.html}${open}${doing}</div></div>`;
}

function draw() {
  fill(at("content"), state.style);
  fill(at("user"), state.users.map((one) => `<option value="${one.id}"${one.id === user ? " selected" : ""}>You are ${escaped(one.name)}</option>`).join(""));
  const tab = (id, name) => `<a data-place="${id}" class="${id === place ? "on" : ""}">${escaped(name)}</a>`;
  const [direct] = state.places.slice(-1);
  fill(at("places"), `<div class="label">Channels</div>${state.places.slice(0, -1).map((one) => tab(one.id, one.name)).join("")}
    <div class="label">Apps</div>${tab(direct.id, "Chancery · messages")}${tab("home", "Chancery · home")}`);
  if (place.startsWith("D") && place !== state.direct) place = state.direct;
  const home = place === "home", there = state.conversations[place];
  at("write").style.display = home ? "none" : "";
  at("thread").className = !home && root ? "open" : "";
  at("title").textContent = home ? "Chancery · home" : state.places.find((one) => one.id === place).name;
  at("text").placeholder = place === state.direct ? "Write to Chancery …" : "@Chancery …, or /chancery help";
  if (home) { fill(at("list"), state.home ? `<div class="home" data-view="${state.home.id}">${state.home.html}</div>` : "One moment …"); }
  else {
    const prompts = place === state.direct && !there.messages.length
      ? state.prompts.map((one) => `<button class="prompt" data-prompt="${escaped(one.message).replaceAll('"', "&quot;")}">${escaped(one.title)}</button>`).join("") : "";
    fill(at("list"), there.messages.map((one) => message(one, there, false)).join("") + prompts, true);
    const first = there.messages.find((one) => one.ts === root);
    if (root && first) {
      const status = there.statuses[root] ? `<div class="status">Chancery ${escaped(there.statuses[root])}</div>` : "";
      fill(at("replies"), message(first, { threads: {}, statuses: {} }, true) + (there.threads[root] || []).map((one) => message(one, { threads: {}, statuses: {} }, true)).join("") + status, true);
    }
  }
  const modal = state.modal, html = modal ? JSON.stringify(modal) : "";
  if (html === drawnModal) return;
  drawnModal = html;
  at("modal").className = modal ? "open" : "";
  at("modal").innerHTML = modal ? `<div class="modal" data-view="${modal.id}"><h1>${escaped(modal.title)}</h1><div>${modal.html}</div>
    <div class="foot"><button data-close="1">${escaped(modal.close)}</button>${modal.submit ? `<button class="primary" data-submit="1">${escaped(modal.submit)}</button>` : ""}</div></div>` : "";
}

function entered(modal) {
  const values = {};
  for (const one of modal.querySelectorAll("[data-block][data-kind]")) {
    const { block, kind } = one.dataset;
    if (["button", "overflow", "feedback_buttons"].includes(kind)) continue;
    if (kind === "checkboxes") { values[block] = values[block] || []; if (one.checked) values[block].push(one.value); }
    else if (kind === "radio_buttons") { if (one.checked) values[block] = one.value; }
    else if (kind.startsWith("multi")) values[block] = [...one.selectedOptions].map((held) => held.value);
    else values[block] = one.value || null;
  }
  return values;
}

function use(element) {
  const holder = element.closest("[data-view]"), held = element.closest(".message");
  if (element.dataset.confirm && !window.confirm(element.dataset.confirm)) return;
  const value = element.tagName === "SELECT" ? element.value : element.dataset.value;
  if (!holder && !place.startsWith("home")) { const own = held.closest("#replies") ? root : held.dataset.ts; if (!root) { root = own; } }
  act("click", { action: element.dataset.action, value, ...(holder ? { view: holder.dataset.view } : { channel: place, ts: held.dataset.ts }) });
}

document.addEventListener("click", (event) => {
  const hit = (name) => event.target.closest(`[data-${name}]`);
  let one;
  if ((one = hit("close"))) act("close", { view: one.closest("[data-view]").dataset.view });
  else if ((one = hit("submit"))) { const modal = one.closest(".modal"); act("submit", { view: modal.dataset.view, values: entered(modal) }); }
  else if ((one = hit("shortcut"))) act("shortcut", { callback: one.dataset.shortcut, channel: place, ts: one.dataset.ts });
  else if ((one = event.target.closest("button[data-action]"))) use(one);
  else if ((one = hit("place"))) { place = one.dataset.place; root = null; draw(); if (place === "home") act("home"); if (place === state.direct) act("messages"); }
  else if ((one = hit("prompt"))) act("write", { channel: place, text: one.dataset.prompt });
  else if ((one = hit("root"))) { root = one.dataset.root; draw(); }
});
document.addEventListener("change", async (event) => {
  const one = event.target;
  if (one.id === "user") { user = one.value; root = null; state = { ...state, stamp: "" }; location.hash = user; location.reload(); }
  if (one.dataset.kind === "overflow" && one.value) { use(one); one.value = ""; }
});
document.addEventListener("input", async (event) => {
  const one = event.target, list = one.nextElementSibling;
  if (!one.classList.contains("search")) return;
  const told = await act("suggest", { view: one.closest("[data-view]").dataset.view, action: list.dataset.action, typed: one.value });
  const kept = [...list.selectedOptions].map((held) => held.outerHTML.replace("<option", "<option selected")).join("");
  list.innerHTML = kept + told.html;
});
at("shut").addEventListener("click", () => { root = null; draw(); });
for (const [form, field, inThread] of [["write", "text", false], ["answer", "reply", true]]) {
  at(form).addEventListener("submit", (event) => {
    event.preventDefault();
    const text = at(field).value.trim();
    if (!text) return;
    at(field).value = "";
    act("write", { channel: place, text, ...(inThread ? { thread: root } : {}) });
  });
}
if (location.hash) user = location.hash.slice(1);
watch();
