// Draws the counties once and colours them anew for each layer. All text from the data
// reaches the page through textContent, never as HTML.
function drawCounties(map, data) {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";
  const REST = { color: "#5f6b74", weight: 0.3 };
  const HOVER = { color: "#000000", weight: 2 };
  const HATCHED_SAMPLE = "#8a8a8a";
  const count = (number) =>
    number.toLocaleString("en-US") + (number === 1 ? " county" : " counties");
  const named = (layer) => layer.title + (layer.variant ? ": " + layer.variant : "");
  const place = (county) => data.names[county] + ", " + data.states[county];
  let shown = data.layers[0];

  function make(tag, parent, text, attributes) {
    const element = document.createElement(tag);
    if (text) element.textContent = text;
    Object.entries(attributes || {}).forEach(([name, value]) => element.setAttribute(name, value));
    if (parent) parent.append(element);
    return element;
  }

  function draw(tag, parent, attributes) {
    const element = document.createElementNS(SVG, tag);
    Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
    parent.append(element);
    return element;
  }

  // ---- fills -------------------------------------------------------------------------

  const patterns = draw(
    "defs",
    draw("svg", document.body, { width: 0, height: 0, class: "patterns", "aria-hidden": "true" }),
    {},
  );

  // White stripes on dark colours; on light ones a darker shade of the same colour, so that
  // hatching a pale class does not make it the loudest on the map.
  function stripe(colour) {
    const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
    if (0.299 * red + 0.587 * green + 0.114 * blue < 185) return "#ffffff";
    return "rgb(" + [red, green, blue].map((part) => Math.round(part * 0.55)).join(",") + ")";
  }

  function hatch(colour) {
    const id = "hatch-" + colour.slice(1);
    if (!document.getElementById(id)) {
      const pattern = draw("pattern", patterns, {
        id: id,
        width: 6,
        height: 6,
        patternUnits: "userSpaceOnUse",
        patternTransform: "rotate(45)",
      });
      draw("rect", pattern, { width: 6, height: 6, fill: colour });
      draw("rect", pattern, { width: 1.7, height: 6, fill: stripe(colour) });
    }
    return "url(#" + id + ")";
  }

  const classOf = (county) => shown.legend[shown.classes[county]];
  const isHatched = (county) => shown.hatched[county] === "1";

  function fill(county) {
    const colour = classOf(county).colour;
    return isHatched(county) ? hatch(colour) : colour;
  }

  // ---- geometry ----------------------------------------------------------------------

  function decode(steps) {
    const vertices = [];
    for (let at = 0, x = 0, y = 0; at < steps.length; at += 2) {
      x += steps[at];
      y += steps[at + 1];
      vertices.push([y / data.unitsPerDegree, x / data.unitsPerDegree]);
    }
    return vertices;
  }

  map.createPane("counties").style.zIndex = 400;
  const ground = L.svg({ pane: "counties", padding: 0.3 });
  // No smoothing: it would work ring by ring and tear neighbours apart.
  const polygons = data.shapes.map((shape, county) => {
    const polygon = L.polygon(
      shape.map((rings) => rings.map(decode)),
      { ...REST, pane: "counties", renderer: ground, smoothFactor: 0, fillOpacity: 1,
        fillColor: fill(county) },
    );
    polygon.county = county;
    return polygon;
  });
  const counties = L.featureGroup(polygons);

  // ---- one county --------------------------------------------------------------------

  function card(polygon) {
    const county = polygon.county;
    const box = make("div", null, "", { class: "card", tabindex: "-1" });
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      map.closePopup();
      map.getContainer().focus();
    });
    make("h2", box, place(county));
    make("p", box, named(shown), { class: "topic" });
    const meaning = make("p", box, "", { class: "meaning" });
    swatch(meaning, fill(county));
    make("span", meaning, classOf(county).label);
    if (isHatched(county)) make("p", box, shown.hatchedLabel, { class: "caution" });
    const table = make("table", box);
    data.rows.forEach((row) => {
      const text = row.texts[row.codes[county]];
      if (!text) return;
      const line = make("tr", table);
      make("th", line, row.label, { scope: "row" });
      make("td", line, text);
    });
    return box;
  }

  counties.bindPopup(card, { maxWidth: 340, minWidth: 220, maxHeight: 420 });
  // A tooltip bound to the counties would make each of them a stop of the tab key.
  const tip = L.tooltip({ direction: "top", offset: [0, -6] });
  let chosen = null;
  const mark = (polygon) => polygon.setStyle(HOVER).bringToFront();
  const unmark = (polygon) => polygon !== chosen && polygon.setStyle(REST);
  counties.on("mouseover", (event) => {
    mark(event.propagatedFrom);
    tip.setContent(make("span", null, place(event.propagatedFrom.county)));
    tip.setLatLng(event.latlng).openOn(map);
  });
  counties.on("mousemove", (event) => tip.setLatLng(event.latlng));
  counties.on("mouseout", (event) => {
    unmark(event.propagatedFrom);
    tip.close();
  });
  counties.on("popupopen", (event) => {
    chosen = event.propagatedFrom;
    mark(chosen);
    tip.close();
  });
  counties.on("popupclose", (event) => {
    chosen = null;
    unmark(event.propagatedFrom);
  });
  counties.addTo(map);

  // ---- legend ------------------------------------------------------------------------

  function swatch(parent, paint) {
    const box = draw("svg", parent, { width: 26, height: 18, class: "swatch", "aria-hidden": "true" });
    draw("rect", box, { x: 0.5, y: 0.5, width: 25, height: 17, fill: paint, stroke: "#666666" });
  }

  function legendLine(list, paint, label, counts) {
    const line = make("li", list);
    swatch(line, paint);
    const words = make("span", line, label + " ");
    make("span", words, counts, { class: "count" });
  }

  function writeLegend() {
    const legend = document.getElementById("legend");
    legend.replaceChildren();
    make("h2", legend, named(shown));
    make("p", legend, shown.note);
    const list = make("ul", legend);
    shown.legend.forEach((entry) => {
      // The county answer and the answer of the areas are counted apart.
      const own = entry.count - entry.hatched;
      const counts = [];
      if (own) counts.push(count(own));
      if (entry.hatched) counts.push(count(entry.hatched) + " hatched");
      // A class that occurs only hatched is shown as the map shows it.
      const paint = entry.hatched === entry.count ? hatch(entry.colour) : entry.colour;
      legendLine(list, paint, entry.label, counts.join(", "));
    });
    const hatched = shown.legend.reduce((sum, entry) => sum + entry.hatched, 0);
    if (hatched) legendLine(list, hatch(HATCHED_SAMPLE), shown.hatchedLabel, count(hatched));
  }

  function show(layer) {
    shown = layer;
    polygons.forEach((polygon, county) => polygon.setStyle({ fillColor: fill(county) }));
    writeLegend();
    const popup = counties.getPopup();
    if (popup.isOpen()) popup.update();
  }

  // ---- controls ----------------------------------------------------------------------

  function choice(parent, type, name, label, checked, onchange) {
    const line = make("label", parent);
    const input = make("input", line, "", { type: type, name: name });
    input.checked = checked;
    input.addEventListener("change", () => onchange(input.checked));
    make("span", line, label);
    return line;
  }

  // A title and, where its layers come in variants, one of these.
  const distinct = (key) => [...new Set(data.layers.map((layer) => layer[key]))].filter(Boolean);
  const variants = document.getElementById("variants");
  let title = shown.title;
  let variant = shown.variant;
  function choose() {
    const layers = data.layers.filter((layer) => layer.title === title);
    variants.disabled = layers.length < 2;
    show(layers.find((layer) => layer.variant === variant) || layers[0]);
  }
  distinct("title").forEach((name) => {
    choice(document.getElementById("layers"), "radio", "layer", name, name === title, () => {
      title = name;
      choose();
    });
  });
  distinct("variant").forEach((name) => {
    choice(variants, "radio", "variant", name, name === variant, () => {
      variant = name;
      choose();
    });
  });
  variants.hidden = distinct("variant").length < 2;

  map.createPane("outlines").style.zIndex = 450;
  map.getPane("outlines").style.pointerEvents = "none";
  const ink = L.svg({ pane: "outlines", padding: 0.3 });
  data.outlines.forEach((outline) => {
    const style = { pane: "outlines", renderer: ink, interactive: false, smoothFactor: 0, fill: false };
    const lines = outline.lines.map(decode);
    // A pale seam below the line keeps it legible on dark fills.
    const group = L.layerGroup([
      L.polyline(lines, { ...style, color: "#ffffff", opacity: 0.75, weight: outline.weight + 1.6 }),
      L.polyline(lines, { ...style, color: "#1a1a1a", weight: outline.weight }),
    ]).addTo(map);
    const line = choice(
      document.getElementById("outlines"), "checkbox", "outline", outline.label, true,
      (on) => (on ? group.addTo(map) : group.remove()),
    );
    const sample = draw("svg", line, { width: 26, height: 8, "aria-hidden": "true" });
    draw("path", sample, { d: "M0 4H26", stroke: "#1a1a1a", "stroke-width": outline.weight });
  });
  document.getElementById("outlines").hidden = data.outlines.length === 0;

  data.views.forEach((view) => {
    const button = make("button", document.getElementById("views"), view.label, { type: "button" });
    button.addEventListener("click", () => map.fitBounds(view.bounds));
  });

  const found = new Map(data.names.map((name, county) => [place(county), county]));
  const names = document.getElementById("county-names");
  found.forEach((county, name) => make("option", names, "", { value: name }));
  document.getElementById("find").addEventListener("change", (event) => {
    const county = found.get(event.target.value);
    if (county === undefined) return;
    map.fitBounds(polygons[county].getBounds(), { maxZoom: 8, animate: false });
    // The popup belongs to the group, which takes a click for the question.
    polygons[county].fire("click", { latlng: polygons[county].getCenter() }, true);
    document.querySelector(".card").focus();
  });

  map.getContainer().setAttribute("role", "region");
  map.getContainer().setAttribute("aria-label", "Map: " + document.title);
  map.attributionControl.setPrefix(false);
  writeLegend();
  map.fitBounds(data.views[0].bounds);
}
