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

/* Arms ------------------------------------------------------------------------------------ */

const arms = new Map(data.arms.map((arm) => [arm.name, arm]));

function mark(arm) {
  const there = document.querySelector(`svg.mark-${arms.get(arm).mark}`);
  return there.cloneNode(true);
}

/* Charts ---------------------------------------------------------------------------------- */

function theme() {
  const style = getComputedStyle(root);
  const color = (name) => style.getPropertyValue(`--${name}`).trim();
  const [ink, soft, line] = ["ink", "soft", "line"].map(color);
  const font = style.getPropertyValue("--sans").trim();
  return {
    background: null,
    font,
    view: { stroke: null },
    range: {
      category: data.arms.map((arm) => color(`mark-${arm.mark}`)),
      symbol: data.arms.map((arm) => data.shapes[arm.mark]),
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
    const options = { mode: "vega-lite", renderer: "svg", actions: false, config: theme() };
    await window.vegaEmbed(place, data.charts[place.dataset.chart], options);
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

function unitCard({ dissection, unit }) {
  const filled = element("i");
  filled.style.width = `${(100 * unit.iou) / best}%`;
  const title = element("h4", {},
    mark(dissection.arm),
    element("span", { className: "name", textContent: unit.concept }),
    element("small", { textContent: unit.category }),
    element("small", { textContent: `unit ${unit.unit} · ${dissection.arm}, seed ${dissection.seed}` }),
    element("small", { className: "iou" },
      element("span", { className: "bar" }, filled),
      `IoU ${unit.iouText}${unit.detector ? "" : ", no detector"}`));
  const images = element("div", { className: "images" });
  const card = element("article", { className: unit.detector ? "unit" : "unit weak" }, title, images);
  const frames = unit.pictures.map((picture, i) => {
    const [width, height] = data.pictures[picture];
    const text = `image ${unit.images[i]} of the probe, highest activation ${unit.peaks[i]}, threshold ${+unit.threshold.toPrecision(4)}`;
    const image = element("img", { alt: text, title: text, decoding: "async" });
    const canvas = element("canvas", { "aria-hidden": "true" });
    const frame = element("div", { className: "picture" }, image, canvas);
    frame.style.aspectRatio = `${width} / ${height}`;
    images.append(frame);
    return { picture, image, canvas };
  });
  drawers.set(card, () => {
    const decoded = maps(unit.maps, frames.length);
    frames.forEach(({ picture, image, canvas }, i) => {
      image.src = address(picture);
      const scale = Math.min(2, window.devicePixelRatio || 1);
      canvas.width = Math.max(32, Math.round(scale * (canvas.clientWidth || 96)));
      canvas.height = Math.max(32, Math.round(scale * (canvas.clientHeight || 96)));
      drawRegion(canvas, decoded[i], dissection.map, unit.threshold);
    });
    card.dataset.drawn = "yes";
  });
  observer.observe(card);
  return card;
}

function distinct(values) {
  return [...new Set(values)];
}

function select(label, values, all) {
  const choices = values.map((value) => element("option", { value, textContent: value }));
  if (all) choices.unshift(element("option", { value: "", textContent: all }));
  const control = element("select", {}, ...choices);
  return { control, label: element("label", {}, label, control) };
}

function startBrowser(place) {
  const of = (key) => distinct(data.dissections.map((dissection) => String(dissection[key])));
  const measure = select("measure", of("measure"));
  const arm = select("arm", of("arm"), "all arms");
  const seed = select("seed", of("seed"), "all seeds");
  const category = select("category", distinct(everything.map(({ unit }) => unit.category)).sort(), "all categories");
  const search = element("input", { type: "search", placeholder: "any", autocomplete: "off", spellcheck: false });
  const detectors = element("input", { type: "checkbox" });
  const whole = element("input", { type: "checkbox" });
  const form = element("form", { className: "controls", role: "search", "aria-label": "Choose units" },
    ...(of("measure").length > 1 ? [measure.label] : []), arm.label, seed.label, category.label,
    element("label", {}, "concept", search),
    element("label", { className: "check" }, detectors, "detectors only"),
    element("label", { className: "check" }, whole, "whole images"));
  const count = element("p", { className: "count", role: "status" });
  const units = element("div", { className: "units" });
  const more = element("button", { type: "button", className: "more" });
  place.append(form, count, units, more);
  place.hidden = false;

  arm.control.value = place.dataset.arm;
  seed.control.value = of("seed")[0];

  function show() {
    const wanted = search.value.trim().toLowerCase();
    const chosen = everything
      .filter(({ dissection, unit }) =>
        dissection.measure === measure.control.value
        && (!arm.control.value || dissection.arm === arm.control.value)
        && (!seed.control.value || String(dissection.seed) === seed.control.value)
        && (!category.control.value || unit.category === category.control.value)
        && (!detectors.checked || unit.detector)
        && unit.concept.toLowerCase().includes(wanted))
      .sort((a, b) => b.unit.iou - a.unit.iou);
    observer.disconnect();
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
    count.textContent = `${chosen.length} of the ${everything.length} units on this page, the highest IoU first`;
  }

  form.addEventListener("input", (event) => {
    if (event.target === whole) units.classList.toggle("whole", whole.checked);
    else show();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-concept]");
    if (!button) return;
    arm.control.value = seed.control.value = category.control.value = "";
    search.value = button.dataset.concept;
    show();
    document.getElementById("units").scrollIntoView();
    search.focus({ preventScroll: true });
  });
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

const place = document.querySelector(".browser");
if (place && everything.length) startBrowser(place);
followSections();
// The chart library is the next script; all scripts have run once the document is ready.
document.addEventListener("DOMContentLoaded", () => {
  drawCharts();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawCharts);
});
window.kdissect = { activated, half };
