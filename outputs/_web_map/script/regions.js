// Parts of the country, one click each.

function createRegions(map, regions, settle) {
  let last = null; // the region that was asked for, until the reader goes elsewhere
  let going = false; // on the way to one, which zooms, too
  function go(region, animate) {
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
    if (!going) last = null;
  });
  regions.forEach((region) => {
    makeButton(byId("views"), region.label, () => go(region, !calm()));
  });
  go(regions[0], false);
  return {
    // What a map of another shape should show.
    shown: () => last || map.getBounds(),
    // Lets maps change their shape without the reader going elsewhere.
    keep(change) {
      const kept = last;
      change();
      last = kept;
    },
  };
}
