// The figures of one county.

function writeCard(map, atlas, fills, layer, county) {
  const box = make("div", null, "", { class: "card", tabindex: "0", role: "group", "aria-label": atlas.place(county) });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    map.closePopup();
    map.getContainer().focus({ preventScroll: true });
  });
  atlas.writePlace(make("h2", box), county);
  make("p", box, atlas.named(layer), { class: "topic", dir: "auto" });
  const words = atlas.saysOf(layer, county);
  if (words) {
    const meaning = make("p", box, "", { class: "meaning" });
    if (!layer.surface) drawSwatch(meaning, fills.ofCounty(layer, county));
    make("span", meaning, words, { dir: "auto" });
  }
  if (atlas.isHatched(layer, county)) make("p", box, layer.hatchedLabel, { class: "caution" });
  if (atlas.isPartly(layer, county)) make("p", box, layer.partlyLabel, { class: "caution" });
  const table = make("table", box);
  const body = make("tbody", table);
  atlas.rows.forEach((row) => {
    const text = row.texts[row.codes[county]];
    if (!text) return;
    const line = make("tr", body);
    make("th", line, row.label, { scope: "row", dir: "auto" });
    make("td", line, text, { dir: "auto" });
  });
  return box;
}
