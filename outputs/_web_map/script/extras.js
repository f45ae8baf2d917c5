// What may lie over the counties: border lines, places, pictures. Each is built for a map
// when that map first shows it.

function prepareExtras(atlas) {
  const lines = (outline) => {
    const latLngs = outline.lines.map((line) => decode(line, atlas.unitsPerDegree));
    return (map) => {
      const pane = ensurePane(map, "outlines", 450);
      const style = {
        pane, renderer: map.inkRenderer, interactive: false, smoothFactor: 0, fill: false,
      };
      // A pale seam below the line keeps it legible on dark fills.
      return L.layerGroup([
        L.polyline(latLngs, { ...style, color: "#ffffff", opacity: 0.75, weight: outline.weight + 1.6 }),
        L.polyline(latLngs, { ...style, color: "#1a1a1a", weight: outline.weight }),
      ]);
    };
  };
  const points = (places) => (map) => {
    const pane = ensurePane(map, "outlines", 450);
    return L.layerGroup(
      places.points.map(([longitude, latitude], at) =>
        L.circleMarker([latitude, longitude], {
          pane, renderer: map.inkRenderer, interactive: false, radius: 4, weight: 1.5, color: "#ffffff",
          fillColor: "#1a1a1a", fillOpacity: 1,
        }).bindTooltip(make("bdi", null, places.names[at]), {
          permanent: true, direction: "right", offset: [5, 0], className: "place-name", interactive: false,
        }),
      ),
    );
  };
  const picture = (overlay) => (map) =>
    L.imageOverlay(overlay.image, overlay.bounds, { pane: ensurePane(map, "pictures", 420), opacity: 0.8 });
  return {
    outlines: atlas.outlines.map((each) => ({ ...each, build: lines(each) })),
    places: atlas.places.map((each) => ({ ...each, build: points(each) })),
    overlays: atlas.overlays.map((each) => ({ ...each, build: picture(each) })),
  };
}

function ensurePane(map, name, level) {
  if (!map.getPane(name)) {
    const pane = map.createPane(name);
    pane.style.zIndex = level;
    pane.style.pointerEvents = "none";
    if (name === "outlines") map.inkRenderer = L.svg({ pane: name, padding: 0.3 });
  }
  return name;
}

function createExtras(extras, views, fills) {
  const on = new Set([...extras.outlines, ...extras.places]);
  const box = byId("outlines");

  function choose(parent, extra) {
    return makeChoice(parent, "checkbox", "extra", extra.label, on.has(extra), (checked) => {
      if (checked) on.add(extra);
      else on.delete(extra);
      views.forEach((view) => view.toggle(extra, checked));
    });
  }

  extras.outlines.forEach((outline) => {
    const sample = draw("svg", choose(box, outline), { width: 26, height: 8, "aria-hidden": "true" });
    draw("path", sample, { d: "M0 4H26", stroke: "#1a1a1a", "stroke-width": outline.weight });
  });
  extras.places.forEach((places) => {
    const sample = draw("svg", choose(box, places), { width: 26, height: 10, "aria-hidden": "true" });
    draw("circle", sample, { cx: 13, cy: 5, r: 4, fill: "#1a1a1a" });
  });
  box.hidden = !extras.outlines.length && !extras.places.length;

  const pictures = byId("overlays");
  extras.overlays.forEach((overlay) => {
    const part = make("div", pictures);
    const more = make("div", part, "", { class: "overlay" });
    const line = choose(part, overlay);
    part.prepend(line);
    line.firstChild.addEventListener("change", (event) => (more.hidden = !event.target.checked));
    more.hidden = true;
    if (overlay.note) make("p", more, overlay.note, { dir: "auto" });
    const list = make("ul", more);
    overlay.legend.forEach((entry) => writeLine(list, fills.ofEntry(entry), entry.label, ""));
    const label = make("label", more, "Opacity ");
    const slider = make("input", label, "", { type: "range", min: "10", max: "100", value: "80" });
    slider.addEventListener("input", () =>
      views.forEach((view) => view.extra(overlay)?.setOpacity(slider.value / 100)),
    );
    overlay.opacity = () => slider.value / 100;
  });
  pictures.hidden = !extras.overlays.length;

  return {
    // Shows in a new view what the others show.
    bring(view) {
      on.forEach((extra) => {
        view.toggle(extra, true);
        if (extra.opacity) view.extra(extra).setOpacity(extra.opacity());
      });
    },
  };
}
