// Paint: a colour, a pattern on it, and hatching over both where a class is not wholly the
// county's own.

const PAPER = "#ffffff";
const TILE = 8;
const OPACITY_STEPS = 20;
// Steps from a tile's upper left corner: on paper they are repeated without a tile.
const MARKS = {
  dots: "m2 2h.01m3.99 4h.01",
  rings: "m2.2 4a1.8 1.8 0 1 0 3.6 0a1.8 1.8 0 1 0 -3.6 0",
  crosses: "m2.3 2.3l3.4 3.4m0 -3.4l-3.4 3.4",
  level: "m0 2h8m-8 4h8",
  upright: "m2 0v8m4 -8v8",
  grid: "m0 4h8m-4 -4v8",
};
const MARK_WIDTHS = { dots: 1.8 };
const SLANTS = {
  [WHOLE]: { d: "m-1 9l10 -10m-10 2l2 -2m6 10l2 -2", "stroke-width": 1.7 },
  [PARTLY]: { d: "m2.4 5.6l3.2 -3.2", "stroke-width": 0.8, opacity: 0.6 },
};

const parts = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
const hex = (values) =>
  "#" + values.map((value) => Math.round(value).toString(16).padStart(2, "0")).join("");

// How a colour looks on paper at some opacity. Mixed here and not left to the browser, so
// that what lies below the counties does not shine through.
function mix(colour, opacity) {
  const paper = parts(PAPER);
  return hex(parts(colour).map((value, at) => paper[at] + (value - paper[at]) * opacity));
}

// White on dark colours; on light ones a darker shade of the same colour, so that hatching
// a pale class does not make it the loudest on the map.
function inkOn(colour) {
  const [red, green, blue] = parts(colour);
  if (0.299 * red + 0.587 * green + 0.114 * blue < 140) return "#ffffff";
  return hex([red, green, blue].map((value) => value * 0.55));
}

function createFills() {
  const sheet = draw("svg", document.body, { width: 0, height: 0, class: "patterns", "aria-hidden": "true" });
  const defs = draw("defs", sheet, {});
  const made = new Map(); // what each pattern is made of, by its address

  function paint(colour, pattern, slant) {
    if (!pattern && !SLANTS[slant]) return colour;
    const id = ["fill", colour.slice(1), pattern || "plain", slant].join("-");
    const address = "url(#" + id + ")";
    if (!made.has(address)) {
      const tile = draw("pattern", defs, { id, width: TILE, height: TILE, patternUnits: "userSpaceOnUse" });
      draw("rect", tile, { width: TILE, height: TILE, fill: colour });
      const line = { fill: "none", stroke: inkOn(colour) };
      const marks = [];
      if (pattern) {
        marks.push({
          ...line, d: MARKS[pattern], "stroke-width": MARK_WIDTHS[pattern] || 0.8, "stroke-linecap": "round", opacity: 0.6,
        });
      }
      if (SLANTS[slant]) marks.push({ ...line, ...SLANTS[slant] });
      marks.forEach((mark) => draw("path", tile, { ...mark, d: "M0 0" + mark.d }));
      made.set(address, { colour, marks });
    }
    return address;
  }

  function ofEntry(entry, slant = "0") {
    return paint(entry.colour, entry.pattern, slant);
  }

  function ofCounty(layer, county) {
    if (layer.surface) return PAPER;
    const entry = layer.legend[layer.classes[county]];
    const step = layer.opacity ? layer.opacity[county] : -1;
    const colour = step < 0 ? entry.colour : mix(entry.colour, step / OPACITY_STEPS);
    return paint(colour, entry.pattern, layer.hatched[county]);
  }

  return { paint, ofEntry, ofCounty, made };
}

function drawSwatch(parent, paint, size = {}) {
  const { width, height } = { width: 26, height: 18, ...size };
  const box = draw("svg", parent, { width, height, class: "swatch", "aria-hidden": "true" });
  draw("rect", box, { x: 0.5, y: 0.5, width: width - 1, height: height - 1, fill: paint, stroke: "#666666" });
}
