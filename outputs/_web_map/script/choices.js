// The choice of layers: titles below their groups, then variants where a title has several.

function createLayerChoice(atlas, shown) {
  const distinct = (layers, key) => [...new Set(layers.map((layer) => layer[key]))];
  const box = byId("layers");
  const variants = byId("variants");
  let { title } = shown.get();
  const kinds = distinct(atlas.layers, "variant").filter(Boolean);
  const variant = signal(shown.get().variant || kinds[0] || ""); // stays while layers have none

  function choose() {
    const layers = atlas.layers.filter((layer) => layer.title === title);
    variants.disabled = layers.length < 2;
    shown.set(layers.find((layer) => layer.variant === variant.get()) || layers[0]);
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
      variant.set(name);
      choose();
    });
  });
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
