// One map: the counties, drawn once and coloured anew for each layer.

const REST = { color: "#5f6b74", weight: 0.3 };
const HOVER = { color: "#000000", weight: 2 };
const CHOSEN = { color: "#000000", weight: 3 };

function createView(map, atlas, fills, chosen, layer) {
  const shown = signal(layer);
  map.createPane("counties").style.zIndex = 400;
  const ground = L.svg({ pane: "counties", padding: 0.3 });
  const style = {
    ...REST, pane: "counties", renderer: ground, fillOpacity: atlas.tiles ? 0.75 : 1,
    smoothFactor: 0, // smoothing works ring by ring and would tear neighbours apart
  };
  const polygons = atlas.latLngs.map((latLngs, county) => {
    const polygon = L.polygon(latLngs, { ...style, fillColor: fills.ofCounty(layer, county) });
    polygon.county = county;
    return polygon;
  });
  const counties = L.featureGroup(polygons);
  const popup = L.popup();
  counties.bindPopup(popup);
  function fit() {
    const { x, y } = map.getSize();
    popup.options.maxHeight = Math.max(120, Math.min(420, y - 90));
    popup.options.maxWidth = Math.max(140, Math.min(340, x - 70)); // its frame is 50 wide
    popup.options.minWidth = Math.min(220, popup.options.maxWidth);
    if (popup.isOpen()) popup.update();
  }
  map.on("resize", fit);
  fit();
  counties.on("popupopen", () => chosen.set(popup._source.county));
  popup.setContent((polygon) => writeCard(map, atlas, fills, shown.get(), polygon.county));

  // A tooltip bound to the counties would make each of them a stop of the tab key.
  const tip = L.tooltip({ direction: "top", offset: [0, -6] });
  let marked = null;
  function rest(county) {
    if (county !== null) polygons[county].setStyle(county === chosen.get() ? CHOSEN : REST);
    if (chosen.get() !== null) polygons[chosen.get()].bringToFront();
  }
  function say(county, latLng) {
    const words = make("span");
    atlas.writePlace(words, county);
    const meaning = atlas.saysOf(shown.get(), county);
    if (meaning) {
      make("br", words);
      make("span", words, meaning);
    }
    // The class is not the county's own, and nobody must read it so.
    if (atlas.isHatched(shown.get(), county)) {
      make("br", words);
      make("em", words, atlas.areaOnly);
    }
    tip.setContent(words);
    tip.setLatLng(latLng).openOn(map);
  }
  counties.on("mouseover", (event) => {
    const county = event.propagatedFrom.county;
    if (county !== chosen.get()) event.propagatedFrom.setStyle(HOVER).bringToFront();
    say(county, event.latlng);
  });
  counties.on("mousemove", (event) => tip.setLatLng(event.latlng));
  counties.on("mouseout", (event) => {
    rest(event.propagatedFrom.county);
    tip.close();
  });
  chosen.watch((county) => {
    const before = marked;
    marked = county;
    rest(before);
    rest(marked);
    tip.close();
    if (popup.isOpen() && popup._source.county !== county) map.closePopup(popup);
  });
  map.on("click", () => chosen.set(null));
  counties.addTo(map);
  marked = chosen.get();
  rest(marked);

  const pane = map.createPane("surface");
  pane.style.zIndex = 420;
  pane.style.pointerEvents = "none";
  pane.style.mixBlendMode = "multiply"; // white counties take its colours, and keep their outlines
  let picture = null;
  function drawSurface({ surface }) {
    if (picture) picture.remove();
    picture = surface ? L.imageOverlay(surface.image, surface.bounds, { pane: "surface" }).addTo(map) : null;
  }
  drawSurface(layer);

  shown.watch((next) => {
    drawSurface(next);
    polygons.forEach((polygon, county) => polygon.setStyle({ fillColor: fills.ofCounty(next, county) }));
    if (popup.isOpen()) popup.update();
  });

  const extras = new Map(); // what may lie over the counties, by its description
  return {
    map,
    shown,
    centre: (county) => polygons[county].getBounds().getCenter(),
    say: (county) => say(county, polygons[county].getBounds().getCenter()),
    go(county) {
      map.fitBounds(polygons[county].getBounds(), { maxZoom: 8, animate: false });
    },
    keepInSight(county) {
      if (!map.getBounds().contains(polygons[county].getBounds())) {
        map.panTo(this.centre(county), { animate: !calm() });
      }
    },
    // The popup goes along where it can be seen, and closes where it cannot.
    settle() {
      if (!popup.isOpen()) return;
      if (map.getBounds().contains(popup.getLatLng())) popup.update();
      else map.closePopup(popup);
    },
    open(county, focus = true) {
      // The popup belongs to the group, which takes a click for the question.
      polygons[county].fire("click", { latlng: polygons[county].getCenter() }, true);
      const card = map.getContainer().querySelector(".card");
      if (card && focus) card.focus({ preventScroll: true });
    },
    toggle(extra, on) {
      if (!extras.has(extra)) extras.set(extra, extra.build(map));
      if (on) extras.get(extra).addTo(map);
      else extras.get(extra).remove();
    },
  };
}
