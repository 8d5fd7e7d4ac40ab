// Draws what the page was given: charts, and the regions of the unit browser. Decides nothing.
// Text reaches the page by textContent only.

const data = JSON.parse(document.getElementById("data").textContent);
const root = document.documentElement;

const SVG = "http://www.w3.org/2000/svg";
const DIM = [10, 11, 15, 160];
const FIRST = 12;
const EDGE = [255, 214, 102, 255];

function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

/* Marks ----------------------------------------------------------------------------------- */

function mark(number) {
  const drawn = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", data.shapes[number][1]);
  for (const [key, value] of Object.entries({ class: `mark mark-${number}`, viewBox: "0 0 12 12", "aria-hidden": "true" })) {
    drawn.setAttribute(key, value);
  }
  drawn.append(path);
  return drawn;
}

/* Charts ---------------------------------------------------------------------------------- */

function theme(marks) {
  const style = getComputedStyle(root);
  const color = (name) => style.getPropertyValue(`--${name}`).trim();
  const [ink, soft, line] = ["ink", "soft", "line"].map(color);
  const font = style.getPropertyValue("--sans").trim();
  return {
    background: null,
    font,
    view: { stroke: null },
    range: {
      category: marks.map((number) => color(`mark-${number}`)),
      symbol: marks.map((number) => data.shapes[number][0]),
      heatmap: [color("heat-0"), color("heat-1")],
    },
    rule: { color: soft },
    axis: {
      domainColor: line, gridColor: line, tickColor: line, gridOpacity: 0.7,
      labelColor: soft, labelFontSize: 12, labelPadding: 6,
      titleColor: soft, titleFontSize: 12, titleFontWeight: 400, titlePadding: 10,
    },
    axisY: { labelFontSize: 12 },
    text: { color: ink },
  };
}

async function drawCharts() {
  for (const place of document.querySelectorAll("[data-chart]")) {
    const { spec, marks } = data.charts[place.dataset.chart];
    await window.vegaEmbed(place, spec, { mode: "vega-lite", renderer: "svg", actions: false, config: theme(marks) });
  }
  root.dataset.charts = "drawn";
}

/* Activated regions ----------------------------------------------------------------------- */

function bytes(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function maps(base64, count) {
  const raw = bytes(base64);
  const view = new DataView(raw.buffer);
  const values = Float32Array.from({ length: raw.length / 2 }, (_, i) => half(view.getUint16(2 * i, true)));
  const size = values.length / count;
  return Array.from({ length: count }, (_, i) => values.subarray(i * size, (i + 1) * size));
}

// For every pixel of an axis its two neighbours and the distance to the lower one, as dissect/bilinear.py has it.
function samples(size, pixels) {
  return Array.from({ length: pixels }, (_, i) => {
    const place = Math.min(Math.max((2 * i + 1) * size - pixels, 0), 2 * pixels * (size - 1));
    const lower = Math.floor(place / (2 * pixels));
    return [lower, Math.min(lower + 1, size - 1), (place % (2 * pixels)) / (2 * pixels)];
  });
}

// 1 where the map, enlarged as in the dissection (first along y, then along x), exceeds the threshold.
function activated(map, [h, w], threshold, height, width) {
  const inside = new Uint8Array(height * width);
  const columns = samples(w, width);
  const lerp = (low, high, distance) => low + distance * (high - low);
  samples(h, height).forEach(([top, bottom, down], y) => {
    const row = Array.from({ length: w }, (_, x) => lerp(map[top * w + x], map[bottom * w + x], down));
    columns.forEach(([left, right, along], x) => {
      inside[y * width + x] = lerp(row[left], row[right], along) > threshold ? 1 : 0;
    });
  });
  return inside;
}

function drawRegion(canvas, map, shape, threshold) {
  const { width, height } = canvas;
  const inside = activated(map, shape, threshold, height, width);
  const thick = Math.max(1, Math.round(width / 110));
  const outside = (x, y) => x >= 0 && y >= 0 && x < width && y < height && !inside[y * width + x];
  const image = new ImageData(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (!inside[i]) image.data.set(DIM, 4 * i);
      else if (outside(x - thick, y) || outside(x + thick, y) || outside(x, y - thick) || outside(x, y + thick)) {
        image.data.set(EDGE, 4 * i);
      }
    }
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

/* The unit browser ------------------------------------------------------------------------ */

const addresses = new Map();

function address(picture) {
  if (!addresses.has(picture)) {
    const blob = new Blob([bytes(data.pictures[picture][2])], { type: "image/webp" });
    addresses.set(picture, URL.createObjectURL(blob));
  }
  return addresses.get(picture);
}

const everything = data.dissections.flatMap((dissection) => dissection.units.map((unit) => ({ dissection, unit })));
const best = Math.max(0.001, ...everything.map(({ unit }) => unit.iou));
const drawers = new WeakMap();
const observer = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    observer.unobserve(entry.target);
    drawers.get(entry.target)();
  }
}, { rootMargin: "300px" });

// A probe image with the region of a unit on it. Its `draw` fills it; `map` is decoded by then.
function frameOf({ dissection, unit }, i, extra = "") {
  const [width, height] = data.pictures[unit.pictures[i]];
  const name = unit.names[i] ? `${unit.names[i]} (image ${unit.images[i]} of the probe)` : `image ${unit.images[i]} of the probe`;
  const text = `${name}, highest activation ${unit.peaks[i]}, threshold ${+unit.threshold.toPrecision(4)}${extra}`;
  const image = element("img", { alt: text, title: text, decoding: "async" });
  const canvas = element("canvas", { "aria-hidden": "true" });
  const frame = element("div", { className: "picture" }, image, canvas);
  frame.style.aspectRatio = `${width} / ${height}`;
  const draw = (map) => {
    image.src = address(unit.pictures[i]);
    const scale = Math.min(2, window.devicePixelRatio || 1);
    canvas.width = Math.max(32, Math.round(scale * (canvas.clientWidth || 96)));
    canvas.height = Math.max(32, Math.round(scale * (canvas.clientHeight || 96)));
    drawRegion(canvas, map, dissection.map, unit.threshold);
  };
  return { frame, draw };
}

function whenSeen(node, draw) {
  drawers.set(node, () => {
    draw();
    node.dataset.drawn = "yes";
  });
  observer.observe(node);
}

// How the dissections of the page differ: `KD, seed 0`, `layer3`; empty if there is one.
function whereabouts(dissection) {
  const differ = data.choices.filter(({ name, values }) => values.length > 1 && name in dissection.places && name !== "measure");
  return differ.map(({ name }, i) => `${i ? `${name} ` : ""}${dissection.places[name]}`).join(", ");
}

function unitCard({ dissection, unit }) {
  const filled = element("i");
  filled.style.width = `${(100 * unit.iou) / best}%`;
  const where = whereabouts(dissection);
  const title = element("h4", {},
    mark(unit.mark),
    element("span", { className: "name", textContent: unit.concept }),
    element("small", { textContent: unit.category }),
    element("small", { textContent: `unit ${unit.unit}${where && ` · ${where}`}` }),
    element("small", { className: "iou" },
      element("span", { className: "bar" }, filled),
      `IoU ${unit.iouText}${unit.detector ? "" : ", no detector"}`));
  const images = element("div", { className: "images" });
  const card = element("article", { className: unit.detector ? "unit" : "unit weak" }, title, images);
  const said = unit.interval ? [["IoU 95 % interval", unit.interval], ...unit.facts] : unit.facts;
  if (said.length) {
    card.append(element("p", { className: "facts" }, ...said.map(([name, value]) =>
      element("span", {}, `${name} `, element("b", { textContent: value })))));
  }
  if (unit.formula) card.append(element("p", { className: "formula", textContent: unit.formula }));
  const frames = unit.pictures.map((_, i) => frameOf({ dissection, unit }, i));
  images.append(...frames.map(({ frame }) => frame));
  whenSeen(card, () => {
    const decoded = maps(unit.maps, frames.length);
    frames.forEach(({ draw }, i) => draw(decoded[i]));
  });
  return card;
}

function distinct(values) {
  return [...new Set(values)];
}

function select(label, values, all) {
  const choices = values.map(([value, text]) => element("option", { value, textContent: text }));
  if (all) choices.unshift(element("option", { value: "", textContent: all }));
  const control = element("select", {}, ...choices);
  return { control, label: element("label", {}, label, control) };
}

const twice = (values) => values.map((value) => [value, value]);

const orders = {
  iou: ["IoU", "the highest IoU first", (a, b) => b.unit.iou - a.unit.iou],
  p: ["p-value", "the smallest p-value first", (a, b) => (a.unit.p ?? 2) - (b.unit.p ?? 2) || b.unit.iou - a.unit.iou],
  unit: ["unit", "by number", (a, b) => a.unit.unit - b.unit.unit],
};

function startBrowser(place) {
  const places = data.choices.filter(({ values }) => values.length > 1).map(({ name, values, first, every }) => {
    const made = select(name, twice(values), every);
    made.control.value = first;
    return { name, ...made };
  });
  const category = select("category", twice(distinct(everything.map(({ unit }) => unit.category)).sort()), "all categories");
  const tested = everything.some(({ unit }) => unit.p !== null);
  const order = select("order", Object.entries(orders).filter(([key]) => key !== "p" || tested).map(([key, [text]]) => [key, text]));
  const search = element("input", { type: "search", placeholder: "any", autocomplete: "off", spellcheck: false });
  const detectors = element("input", { type: "checkbox" });
  const whole = element("input", { type: "checkbox" });
  const form = element("form", { className: "controls", role: "search", "aria-label": "Choose units" },
    ...places.map(({ label }) => label), category.label,
    element("label", {}, "concept", search), order.label,
    element("label", { className: "check" }, detectors, "detectors only"),
    element("label", { className: "check" }, whole, "whole images"));
  const count = element("p", { className: "count", role: "status" });
  const units = element("div", { className: "units" });
  const more = element("button", { type: "button", className: "more" });
  place.append(form, count, units, more);
  place.hidden = false;

  function show() {
    const wanted = search.value.trim().toLowerCase();
    const [, ordered, compare] = orders[order.control.value];
    const chosen = everything
      .filter(({ dissection, unit }) =>
        places.every(({ name, control }) => !control.value || dissection.places[name] === control.value)
        && (!category.control.value || unit.category === category.control.value)
        && (!detectors.checked || unit.detector)
        && `${unit.concept} ${unit.formula}`.toLowerCase().includes(wanted))
      .sort(compare);
    units.querySelectorAll(".unit").forEach((card) => observer.unobserve(card));
    units.replaceChildren(...chosen.slice(0, FIRST).map(unitCard));
    more.hidden = chosen.length <= FIRST;
    more.textContent = `Show ${chosen.length - FIRST} more`;
    more.onclick = () => {
      more.hidden = true;
      const rest = chosen.slice(FIRST).map(unitCard);
      units.append(...rest);
      rest[0].tabIndex = -1;
      rest[0].focus({ preventScroll: true });
    };
    count.textContent = `${chosen.length} of the ${everything.length} units on this page, ${ordered}`;
  }

  form.addEventListener("input", (event) => {
    if (event.target === whole) units.classList.toggle("whole", whole.checked);
    else show();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-concept]");
    if (!button) return;
    for (const { control } of places) if (control.options[0].value === "") control.value = "";
    category.control.value = "";
    search.value = button.dataset.concept;
    show();
    document.getElementById("units").scrollIntoView();
    search.focus({ preventScroll: true });
  });
  show();
}

/* From a concept to its images ------------------------------------------------------------- */

const MOST_PICTURES = 15;

// The images in which the concept's units exceed their thresholds most, each once, with the unit that does so.
function strongest(units) {
  const found = new Map();
  for (const one of units) {
    one.unit.pictures.forEach((picture, i) => {
      const strength = one.unit.peaks[i] / (one.unit.threshold || 1);
      if (!(found.get(picture)?.strength >= strength)) found.set(picture, { one, i, strength });
    });
  }
  return [...found.values()].sort((a, b) => b.strength - a.strength).slice(0, MOST_PICTURES);
}

function startIndex(place) {
  const unitsOf = new Map();
  for (const one of everything) {
    if (!one.unit.detector) continue;
    const key = JSON.stringify([one.unit.concept, one.unit.category]);
    unitsOf.set(key, [...(unitsOf.get(key) ?? []), one]);
  }
  const concepts = data.concepts.map(([name, category, count, images]) =>
    ({ name, category, count, images, units: unitsOf.get(JSON.stringify([name, category])) ?? [] }));
  const text = ({ name, units }) => `${name}${units.length ? ` (${units.length} ${units.length === 1 ? "unit" : "units"})` : ""}`;
  const search = element("input", { type: "search", placeholder: "any", autocomplete: "off", spellcheck: false });
  const control = element("select");
  const form = element("form", { className: "controls", role: "search", "aria-label": "Choose a concept" },
    element("label", {}, "name holds", search), element("label", { className: "wide" }, "concept", control));
  const shown = element("div", { className: "indexed" });
  place.append(form, shown);
  place.hidden = false;

  function offer() {
    const wanted = search.value.trim().toLowerCase();
    const chosen = concepts.filter(({ name }) => name.toLowerCase().includes(wanted));
    const groups = distinct(chosen.map(({ category }) => category)).map((category) => {
      const group = element("optgroup", { label: category });
      group.append(...chosen.filter((one) => one.category === category)
        .map((one) => element("option", { value: String(concepts.indexOf(one)), textContent: text(one) })));
      return group;
    });
    control.replaceChildren(...groups);
    show();
  }

  function show() {
    const concept = concepts[Number(control.value)];
    if (!control.value || !concept) {
      shown.replaceChildren(element("p", { className: "count", textContent: "No concept of that name." }));
      return;
    }
    const { name, category, count, images, units } = concept;
    const listed = units.map(({ dissection, unit }) => [unit.unit, whereabouts(dissection)].filter((part) => part !== "").join(" of "));
    const parts = [element("h3", {}, `${name} `, element("small", { textContent: category }))];
    parts.push(element("p", { role: "status" }, units.length
      ? `${units.length === 1 ? "Unit on this page that detects" : "Units on this page that detect"} it: ${listed.join(", ")}.`
      : "No unit on this page detects it."));
    if (units.length) {
      const frames = strongest(units).map(({ one, i, strength }) => {
        const made = frameOf(one, i, `, unit ${one.unit.unit}`);
        const caption = element("figcaption", {},
          element("b", { textContent: one.unit.names[i] || `image ${one.unit.images[i]}` }),
          `unit ${one.unit.unit}, ${strength.toFixed(1)} × its threshold`);
        const figure = element("figure", {}, made.frame, caption);
        whenSeen(figure, () => made.draw(maps(one.unit.maps, one.unit.pictures.length)[i]));
        return figure;
      });
      parts.push(element("div", { className: "thumbs" }, ...frames));
    }
    if (count !== null) {
      parts.push(element("p", { className: "holding" },
        `${count} ${count === 1 ? "image" : "images"} of the probe ${count === 1 ? "holds" : "hold"} it${images.length ? `; ${images.length < count ? "most of it is in" : "by how much they have of it"}: ` : "."}`,
        ...images.flatMap((image, i) => [i ? ", " : "", element("code", { textContent: image })])));
    }
    shown.replaceChildren(...parts);
  }

  search.addEventListener("input", offer);
  control.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  offer();
  control.value = String(concepts.reduce((most, one, i) => (one.units.length > concepts[most].units.length ? i : most), 0));
  show();
}

/* Where the reader is --------------------------------------------------------------------- */

function followSections() {
  const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links.values()) link.removeAttribute("aria-current");
      links.get(entry.target.id)?.setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-15% 0px -80%" });
  document.querySelectorAll("header, main section").forEach((section) => watcher.observe(section));
}

// Without a script the numbers of the charts stand open.
for (const numbers of document.querySelectorAll("figure details")) numbers.open = false;
root.classList.add("ready");

// What can be scrolled sideways can be reached by keyboard.
for (const region of document.querySelectorAll(".scroll")) {
  if (region.scrollWidth > region.clientWidth) region.tabIndex = 0;
}

const browser = document.querySelector(".browser");
if (browser && everything.length) startBrowser(browser);
else document.querySelectorAll("button.concept").forEach((button) => button.replaceWith(...button.childNodes));
const index = document.querySelector(".concept-index");
if (index && data.concepts.length) startIndex(index);
followSections();
// The chart library is the next script; all scripts have run once the document is ready.
document.addEventListener("DOMContentLoaded", () => {
  drawCharts();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawCharts);
});
window.kdissect = { activated, half };
