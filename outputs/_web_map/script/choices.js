// The choice of layers: titles below their groups, then variants where a title has several.

function createLayerChoice(atlas, shown) {
  const distinct = (layers, key) => [...new Set(layers.map((layer) => layer[key]))];
  const box = byId("layers");
  const variants = byId("variants");
  let { title } = shown.get();
  const kinds = distinct(atlas.layers, "variant").filter(Boolean);
  let wanted = shown.get().variant || kinds[0] || ""; // what the reader chose last
  const variant = signal(wanted); // what is shown: a layer may not have what is wanted

  function choose() {
    const layers = atlas.layers.filter((layer) => layer.title === title);
    const layer = layers.find((each) => each.variant === wanted) || layers[0];
    const only = layers.length < 2;
    variant.set(layer.variant || kinds[0] || "");
    variants.disabled = only;
    variants.querySelectorAll("input").forEach((input, at) => (input.checked = kinds[at] === variant.get()));
    about.hidden = !only;
    about.textContent = layer.variant
      ? "This layer exists for " + layer.variant + " only."
      : "This layer has no such choice; the table is of " + variant.get() + ".";
    shown.set(layer);
  }

  distinct(atlas.layers, "group").forEach((group, at) => {
    const part = make("div", box, "", group ? { role: "group", "aria-labelledby": "group-" + at } : {});
    if (group) make("p", part, group, { id: "group-" + at, class: "group", dir: "auto" });
    const members = atlas.layers.filter((layer) => layer.group === group);
    distinct(members, "title").forEach((name) => {
      const line = makeChoice(part, "radio", "layer", name, name === title, () => {
        title = name;
        choose();
      });
      line.firstChild.dataset.title = name;
    });
  });
  kinds.forEach((name) => {
    makeChoice(variants, "radio", "variant", name, name === variant.get(), () => {
      wanted = name;
      choose();
    });
  });
  const about = make("p", variants, "", { id: "variants-about", dir: "auto", hidden: "" });
  variants.setAttribute("aria-describedby", about.id);
  choose();
  variants.hidden = kinds.length < 2;

  return {
    // Chooses a title as if by hand.
    take(name) {
      const input = [...box.querySelectorAll("input")].find((each) => each.dataset.title === name);
      input.checked = true;
      title = name;
      choose();
    },
    variant,
  };
}
