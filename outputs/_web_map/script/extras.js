// What may lie over the counties: border lines and places. Each is built for a map
// when that map first shows it.

function prepareExtras(atlas) {
  const lines = (outline) => {
    const latLngs = outline.lines.map((line) => decode(line, atlas.unitsPerDegree));
    return (map) => {
      const pane = ensurePane(map);
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
    const pane = ensurePane(map);
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
  return {
    outlines: atlas.outlines.map((each) => ({ ...each, build: lines(each) })),
    places: atlas.places.map((each) => ({ ...each, build: points(each) })),
  };
}

function ensurePane(map) {
  if (!map.getPane("outlines")) {
    const pane = map.createPane("outlines");
    pane.style.zIndex = 450;
    pane.style.pointerEvents = "none";
    map.inkRenderer = L.svg({ pane: "outlines", padding: 0.3 });
  }
  return "outlines";
}

function createExtras(extras, views) {
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

  return {
    // Shows in a new view what the others show.
    bring(view) {
      on.forEach((extra) => view.toggle(extra, true));
    },
  };
}
