// What colours, patterns and hatching mean, in words, with the number of places.

const SAMPLE = "#b9bec2";

function writeLegend(parent, atlas, fills, layer, where) {
  parent.replaceChildren();
  if (where) make("p", parent, where, { class: "where" });
  make("h2", parent, atlas.named(layer), { dir: "auto" });
  if (layer.surface) writeSurface(parent, fills, layer);
  else writeClasses(parent, atlas, fills, layer);
  make("p", parent, layer.note, { dir: "auto" });
}

function writeSurface(parent, fills, layer) {
  const list = make("ul", parent);
  layer.legend.forEach((entry) => writeLine(list, fills.ofEntry(entry), entry.label, ""));
  writeLine(list, PAPER, "White: the surface does not reach here", "");
}

function writeClasses(parent, atlas, fills, layer) {
  if (layer.grid) writeGrid(parent, atlas, fills, layer);
  const list = make("ul", parent);
  const inGrid = new Set(layer.grid ? layer.grid.rows.flat() : []);
  layer.legend.forEach((entry, at) => {
    if (inGrid.has(at) || !entry.count) return;
    // The places' own answer and the answer of the areas are counted apart.
    const own = entry.count - entry.hatched;
    const counts = [];
    if (own) counts.push(atlas.count(own));
    if (entry.hatched) counts.push(countAreas(atlas, layer, entry.areas, entry.hatched));
    // A class that occurs only hatched is shown as the map shows it.
    const slant = entry.hatched === entry.count ? WHOLE : "0";
    writeLine(list, fills.ofEntry(entry, slant), entry.label, counts.join(", "));
    if (entry.shaded) writeOpacity(list, layer, entry.colour);
  });
  const count = (slant) => [...layer.hatched].filter((flag) => flag === slant).length;
  [[WHOLE, layer.hatchedLabel], [PARTLY, layer.partlyLabel]].forEach(([slant, label]) => {
    const counties = count(slant);
    if (!counties) return;
    const counted = slant === WHOLE ? countAreas(atlas, layer, layer.areas, counties) : atlas.count(counties);
    writeLine(list, fills.paint(SAMPLE, "", slant), label, counted);
  });
}

// A class of an area is one answer, however many places lie in it.
function countAreas(atlas, layer, areas, counties) {
  if (areas === null) return atlas.count(counties) + " hatched";
  return number(areas) + " " + layer.areaUnit[areas === 1 ? 0 : 1] + " (" + atlas.count(counties) + ")";
}

function writeLine(list, paint, label, counts) {
  const line = make("li", list);
  drawSwatch(line, paint);
  const words = make("span", line, label + " ", { dir: "auto" });
  if (counts) make("span", words, counts, { class: "count" });
}

function writeOpacity(list, layer, colour) {
  const line = make("li", list, "", { class: "ramp" });
  const steps = make("span", line, "", { class: "steps", "aria-hidden": "true" });
  for (let step = 0; step <= 4; step += 1) {
    drawSwatch(steps, mix(colour, step / 4), { width: 22 });
    if (step % 2 === 0) make("span", steps, step * 25 + "%");
  }
  make("span", line, layer.opacityLabel, { dir: "auto" });
}

// Three by three, or any other number: a table, so that it can be read aloud.
function writeGrid(parent, atlas, fills, layer) {
  const { grid } = layer;
  const table = make("table", parent, "", { class: "grid" });
  make("caption", table, grid.up + " (upwards) by " + grid.across + " (to the right)");
  const top = make("tr", make("thead", table));
  make("td", top);
  grid.acrossSteps.forEach((step) => make("th", top, step, { scope: "col", dir: "auto" }));
  const body = make("tbody", table);
  [...grid.rows.keys()].reverse().forEach((row) => {
    const line = make("tr", body);
    make("th", line, grid.upSteps[row], { scope: "row", dir: "auto" });
    grid.rows[row].forEach((at) => {
      const entry = layer.legend[at];
      const cell = make("td", line);
      drawSwatch(cell, fills.ofEntry(entry), { width: 54, height: 34 });
      make("span", cell, number(entry.count), { class: "count", title: entry.label, "aria-hidden": "true" });
      make("span", cell, atlas.count(entry.count) + ": " + entry.label, { class: "unseen", dir: "auto" });
    });
  });
}
