// A second map beside the first, moving with it. It is made when first asked for.

function createBeside({ atlas, fills, chosen, left, views, extras, layerChoice, regions }) {
  const button = byId("beside");
  button.hidden = atlas.layers.length < 2; // nothing to compare
  const frame = byId("right");
  const select = byId("right-layer");
  let right = null;
  let before = null; // the title that the left map showed, where another took its place

  function fillSelect() {
    const groups = new Map();
    atlas.layers.forEach((layer, at) => {
      if (!groups.has(layer.group)) {
        groups.set(layer.group, layer.group ? make("optgroup", select, "", { label: layer.group }) : select);
      }
      make("option", groups.get(layer.group), atlas.named(layer), { value: at });
    });
  }

  function layerOf(title) {
    const layers = atlas.layers.filter((layer) => layer.title === title);
    return layers.find((layer) => layer.variant === layerChoice.variant.get()) || layers[0];
  }

  function build() {
    const layer = layerOf(atlas.beside[1]);
    const { zoomSnap, minZoom, maxZoom } = left.map.options;
    const map = L.map("right-map", { zoomControl: false, attributionControl: false, zoomSnap, minZoom, maxZoom });
    map.setView(left.map.getCenter(), left.map.getZoom(), { animate: false });
    left.map.eachLayer((base) => {
      if (base instanceof L.TileLayer) L.tileLayer(base._url, { ...base.options }).addTo(map);
    });
    right = createView(map, atlas, fills, chosen, layer);
    extras.bring(right);
    views.push(right);
    describeMap(right, "right map");
    createKeyboard(right, "Right map", atlas, chosen);
    fillSelect();
    select.value = atlas.layers.indexOf(layer);
    select.addEventListener("change", () => right.shown.set(atlas.layers[select.value]));
    right.shown.watch(() => writeLegends());
  }

  function writeLegends() {
    const on = !frame.hidden;
    byId("left-caption").textContent = atlas.named(left.shown.get());
    byId("right-caption").textContent = on ? atlas.named(right.shown.get()) : "";
    byId("right-legend").hidden = !on;
    writeLegend(byId("legend"), atlas, fills, left.shown.get(), on ? "Left map" : "");
    if (on) writeLegend(byId("right-legend"), atlas, fills, right.shown.get(), "Right map");
  }

  function toggle() {
    regions.whenStill(() => {
      regions.keep(turn);
      left.settle();
      writeLegends();
    });
  }

  function turn() {
    const on = frame.hidden;
    const bounds = regions.shown();
    frame.hidden = !on;
    byId("left-caption").hidden = !on;
    button.setAttribute("aria-pressed", on);
    left.map.invalidateSize({ animate: false });
    if (on) {
      if (!right) build();
      before = left.shown.get().title;
      if (before !== atlas.beside[0]) layerChoice.take(atlas.beside[0]);
      right.map.invalidateSize({ animate: false });
      left.map.fitBounds(bounds, { animate: false });
      left.map.sync(right.map);
      right.map.sync(left.map);
    } else {
      left.map.unsync(right.map);
      right.map.unsync(left.map);
      right.map.closePopup();
      left.map.fitBounds(bounds, { animate: false });
      // What the reader chose meanwhile stays.
      if (left.shown.get().title === atlas.beside[0]) layerChoice.take(before);
    }
  }

  button.addEventListener("click", toggle);
  left.shown.watch(() => writeLegends());
  writeLegends();
}
