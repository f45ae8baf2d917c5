// Parts of the country, one click each.

function createRegions(map, regions, settle) {
  let last = null; // the region that was asked for, until the reader goes elsewhere
  let going = false; // on the way to one, which zooms, too
  let zooming = false;
  // While a map zooms, it takes no other view.
  function whenStill(act) {
    if (going || zooming) map.once("moveend", () => whenStill(act));
    else act();
  }
  function go(region, animate) {
    map.stop(); // else the end of another move would be taken for the arrival
    last = region.bounds;
    going = true;
    map.once("moveend", () => {
      going = false;
      settle();
    });
    map.fitBounds(region.bounds, { animate });
  }
  map.on("dragstart", () => (last = null));
  map.on("zoomstart", () => {
    zooming = true;
    if (!going) last = null;
  });
  map.on("zoomend", () => (zooming = false));
  regions.forEach((region) => {
    makeButton(byId("views"), region.label, () => whenStill(() => go(region, !calm())));
  });
  go(regions[0], false);
  return {
    // What a map of another shape should show.
    shown: () => last || map.getBounds(),
    whenStill,
    // Lets maps change their shape without the reader going elsewhere.
    keep(change) {
      const kept = last;
      change();
      last = kept;
    },
  };
}
