// On paper the maps have a size of their own; they show the same part of the country.

function preparePrint(views) {
  let before = [];
  window.addEventListener("beforeprint", () => {
    before = views.map((view) => view.map.getBounds());
    document.body.classList.add("printing");
    resize();
  });
  window.addEventListener("afterprint", () => {
    document.body.classList.remove("printing");
    resize();
  });
  function resize() {
    views.forEach((view, at) => {
      if (!view.map.getContainer().clientWidth) return; // the second map, when it is not shown
      view.map.invalidateSize({ animate: false });
      if (before[at]) view.map.fitBounds(before[at], { animate: false });
    });
  }
}
