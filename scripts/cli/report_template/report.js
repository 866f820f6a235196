// SPDX-License-Identifier: GPL-3.0-or-later
// Texts of the data go into the page as text only, never as HTML. Only the tiles in view exist.
"use strict";
const rows = JSON.parse(document.getElementById("data").textContent);
const MIN_WIDTH = 166, HEIGHT = 202, GAP = 12, SPARE_ROWS = 2;
const FILTERS = ["status", "model", "quality", "kind"];
const find = (id) => document.getElementById(id);
const sheet = find("sheet"), panel = find("panel"), words = find("words"), sort = find("sort");
const number = new Intl.NumberFormat("en-US");
let shown = rows.map((_, place) => place);
let active = 0, chosen = -1, columns = 1, width = MIN_WIDTH, tiles = new Map();

function searchText(row) {
  row.text ??= [row.prompt, row.name, row.model, row.kind, row.seed, row.status, row.reason].join(" ").toLowerCase();
  return row.text;
}

function fillFilters() {
  for (const id of FILTERS) {
    const counts = new Map();
    for (const row of rows) if (row[id]) counts.set(row[id], (counts.get(row[id]) ?? 0) + 1);
    const select = find(id), label = select.getAttribute("aria-label");
    select.append(new Option(`${label}: all`, ""));
    for (const value of [...counts.keys()].sort()) select.append(new Option(`${value} (${number.format(counts.get(value))})`, value));
    select.hidden = counts.size < 2;
  }
  for (const option of [...sort.options]) {
    const key = option.value.replace("-", "");
    if (key && !rows.some((row) => row[key])) option.remove();
  }
}

function apply() {
  const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
  const filters = FILTERS.map((id) => [id, find(id).value]).filter(([, value]) => value);
  shown = [];
  rows.forEach((row, place) => {
    if (filters.every(([id, value]) => row[id] === value) && wanted.every((word) => searchText(row).includes(word))) shown.push(place);
  });
  order();
  active = Math.max(0, shown.indexOf(chosen));
  find("count").textContent = shown.length === rows.length ? number.format(rows.length) : `${number.format(shown.length)} of ${number.format(rows.length)}`;
  find("empty").hidden = shown.length > 0;
  layOut();
}

function order() {
  const key = sort.value.replace("-", ""), sign = sort.value.startsWith("-") ? -1 : 1;
  if (!key) return;
  shown.sort((a, b) => {
    const first = rows[a][key], second = rows[b][key];
    if (first === undefined || second === undefined) return (first === undefined) - (second === undefined) || a - b;
    return (key === "prompt" ? first.localeCompare(second) : sign * (first - second)) || a - b;
  });
}

function layOut() {
  columns = Math.max(1, Math.floor((sheet.clientWidth + GAP) / (MIN_WIDTH + GAP)));
  width = (sheet.clientWidth - GAP * (columns - 1)) / columns;
  sheet.style.height = `${Math.ceil(shown.length / columns) * (HEIGHT + GAP)}px`;
  sheet.replaceChildren();
  tiles = new Map();
  draw();
}

function draw() {
  const top = -sheet.getBoundingClientRect().top, step = HEIGHT + GAP;
  const first = Math.max(0, Math.floor(top / step) - SPARE_ROWS) * columns;
  const last = Math.min(shown.length, (Math.ceil((top + innerHeight) / step) + SPARE_ROWS) * columns);
  for (const [index, tile] of tiles) if ((index < first || index >= last) && index !== active) { tile.remove(); tiles.delete(index); }
  const wanted = shown.length && (active < first || active >= last) ? [active] : [];
  for (let index = first; index < last; index++) wanted.push(index);
  for (const index of wanted) if (!tiles.has(index)) addTile(index);
}

function addTile(index) {
  const place = shown[index], row = rows[place], tile = document.createElement("button");
  tile.type = "button";
  tile.className = "tile";
  tile.tabIndex = index === active ? 0 : -1;
  tile.dataset.index = index;
  tile.setAttribute("aria-pressed", place === chosen);
  tile.title = row.prompt ?? row.name;
  Object.assign(tile.style, { left: `${(index % columns) * (width + GAP)}px`, top: `${Math.floor(index / columns) * (HEIGHT + GAP)}px`, width: `${width}px`, height: `${HEIGHT}px` });
  const image = part("span", "image", row.picture ? "" : "no picture");
  if (row.picture) image.append(picture(row));
  tile.append(image, part("bdi", "label", row.prompt ?? row.name), part("span", `fact ${row.status}`, tileFact(row)));
  tiles.set(index, tile);
  const after = [...tiles.keys()].filter((other) => other > index);
  sheet.insertBefore(tile, after.length ? tiles.get(Math.min(...after)) : null);
}

function part(tag, name, text) {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = text;
  return element;
}

function picture(row) {
  const image = new Image();
  if (row.picture.startsWith("data:image/")) image.src = row.picture;
  image.alt = "";
  return image;
}

function tileFact(row) {
  if (row.status !== "complete") return row.status;
  const count = row.faces ? `${number.format(row.faces)} faces` : row.points ? `${number.format(row.points)} points` : "";
  return [row.seed !== undefined ? `seed ${row.seed}` : "", count].filter(Boolean).join(" · ");
}

function bytesText(size) {
  const unit = [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]].find(([, scale]) => size >= scale);
  return unit ? `${(size / unit[1]).toFixed(size < 10 * unit[1] ? 1 : 0)} ${unit[0]}` : `${size} B`;
}

function open(place, withFocus) {
  const row = rows[place];
  chosen = place;
  for (const [index, tile] of tiles) tile.setAttribute("aria-pressed", shown[index] === place);
  find("picture").hidden = !row.picture;
  if (row.picture) find("picture").src = picture(row).src;
  find("prompt").textContent = row.prompt ?? row.name;
  find("reason").textContent = row.reason ?? "";
  fillFacts(row);
  fillFiles(row);
  find("command").textContent = row.command ?? "";
  find("command-part").hidden = !row.command;
  find("note").textContent = row.note ?? "";
  find("recipe").textContent = row.recipe ? JSON.stringify(row.recipe, null, 1) : "";
  find("recipe-part").hidden = !row.recipe;
  find("copied").textContent = "";
  const isNew = panel.hidden;
  panel.hidden = false;
  panel.scrollTop = 0;
  document.body.classList.add("open");
  if (isNew) layOut();
  if (withFocus) find("prompt").focus();
}

function fillFacts(row) {
  const facts = {
    Name: row.name, Status: row.status, Seed: row.seed, Model: row.model, Quality: row.quality, Kind: row.kind,
    Time: row.seconds !== undefined ? `${row.seconds.toFixed(1)} s` : undefined,
    Faces: row.faces && number.format(row.faces), Vertices: row.vertices && number.format(row.vertices),
    Points: row.points && number.format(row.points), Files: row.bytes && bytesText(row.bytes),
    Device: row.device, Engine: row.engine, PyTorch: row.torch, ...row.details,
  };
  const parts = Object.entries(facts).filter(([, value]) => value !== undefined && value !== "").map(([name, value]) => {
    const group = document.createElement("div");
    group.append(part("dt", "", name), part("dd", "", value));
    return group;
  });
  find("facts").replaceChildren(...parts);
}

function fillFiles(row) {
  const items = Object.values(row.files ?? {}).map((name) => {
    const item = document.createElement("li"), link = part(row.linked ? "a" : "span", "", name);
    if (row.linked) link.href = "./" + [...(row.folder ?? "").split("/"), name].filter(Boolean).map(encodeURIComponent).join("/");
    item.append(link);
    return item;
  });
  find("files").replaceChildren(...items);
}

function close() {
  panel.hidden = true;
  document.body.classList.remove("open");
  layOut();
  focusTile();
}

async function copy(text, what) {
  let isCopied = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    isCopied = copyBySelection(text);
  }
  find("copied").textContent = isCopied ? `${what} copied.` : "The browser does not let a page copy. Select the text and copy it.";
}

function copyBySelection(text) {
  const area = document.createElement("textarea"), before = document.activeElement;
  area.value = text;
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  before?.focus();
  return isCopied;
}

function focusTile() {
  if (!shown.length) return;
  const top = sheet.getBoundingClientRect().top + Math.floor(active / columns) * (HEIGHT + GAP), bar = find("filters").offsetHeight + GAP;
  if (top < bar) scrollBy(0, top - bar);
  else if (top + HEIGHT > innerHeight) scrollBy(0, top + HEIGHT + GAP - innerHeight);
  draw();
  for (const [index, tile] of tiles) tile.tabIndex = index === active ? 0 : -1;
  tiles.get(active)?.focus({ preventScroll: true });
}

sheet.addEventListener("click", (event) => {
  const tile = event.target.closest(".tile");
  if (!tile) return;
  active = Number(tile.dataset.index);
  open(shown[active], event.detail === 0);
  focusUnlessPanel(event.detail === 0);
});

function focusUnlessPanel(isInPanel) {
  if (!isInPanel) focusTile();
}

sheet.addEventListener("keydown", (event) => {
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, PageUp: -3 * columns, PageDown: 3 * columns, Home: -shown.length, End: shown.length };
  const step = steps[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  active = Math.min(Math.max(active + step, 0), shown.length - 1);
  if (!panel.hidden) open(shown[active], false);
  focusTile();
});

addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !panel.hidden) close();
  const isTyping = ["INPUT", "SELECT", "TEXTAREA"].includes(document.activeElement?.tagName);
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey) { event.preventDefault(); words.focus(); }
});
document.querySelector(".failures")?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-place]");
  if (button) open(Number(button.dataset.place), true);
});
find("filters").addEventListener("submit", (event) => event.preventDefault());
find("filters").addEventListener("input", apply);
find("filters").addEventListener("reset", () => setTimeout(apply));
find("close").addEventListener("click", close);
find("copy-command").addEventListener("click", () => copy(find("command").textContent, "Command"));
find("copy-recipe").addEventListener("click", () => copy(find("recipe").textContent, "Recipe"));
addEventListener("scroll", () => requestAnimationFrame(draw), { passive: true });
addEventListener("resize", layOut);
fillFilters();
apply();
