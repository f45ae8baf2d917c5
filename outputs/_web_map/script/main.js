// Puts the page together.

function describeMap(view, name) {
  const container = view.map.getContainer();
  container.setAttribute("role", "application");
  container.setAttribute("aria-roledescription", "map");
  container.setAttribute("aria-label", (name ? name + ": " : "") + document.title);
  container.setAttribute("aria-describedby", "map-hint");
  const zoomed = () => {
    const zoom = view.map.getZoom();
    container.dataset.zoom = zoom >= 6 ? "near" : zoom >= 3.75 ? "country" : "far";
  };
  view.map.on("zoomend", zoomed);
  zoomed();
  if (calm()) view.map.options.inertia = false;
  new ResizeObserver(() => {
    if (container.clientWidth) view.map.invalidateSize({ animate: false });
  }).observe(container);
}

function drawMap(map, data) {
  const atlas = readAtlas(data);
  const fills = createFills();
  const chosen = signal(null); // the county that the reader has chosen, here and in the table
  map.fitBounds(atlas.views[0].bounds, { animate: false }); // what is drawn first
  const left = createView(map, atlas, fills, chosen, atlas.layers[0]);
  const views = [left];
  map.attributionControl.setPrefix(false);
  describeMap(left, "");
  createKeyboard(left, "Map", atlas, chosen);

  const layerChoice = createLayerChoice(atlas, left.shown);
  const extras = createExtras(prepareExtras(atlas), views);
  extras.bring(left);
  const regions = createRegions(map, atlas.views, () => views.forEach((view) => view.settle()));
  createBeside({ atlas, fills, chosen, left, views, extras, layerChoice, regions });
  const find = createIndex(atlas);
  function show(county, focus) {
    chosen.set(county);
    left.go(county);
    left.map.getContainer().scrollIntoView({ block: "nearest" }); // on narrow screens it is elsewhere
    left.open(county, focus);
  }
  createSearch(atlas, find, (county) => show(county, true));
  createTable({
    atlas, fills, shown: left.shown, variant: layerChoice.variant, chosen, find,
    pick(county, byKey) {
      show(county, !byKey);
      if (byKey) byId("announcement").textContent = atlas.place(county) + ": its figures are open on the map";
    },
  });
  preparePrint(views, fills, regions);
  // Two frames later the picture is on the screen.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      performance.mark("drawn");
      document.documentElement.dataset.drawn = "yes";
    }),
  );
}
