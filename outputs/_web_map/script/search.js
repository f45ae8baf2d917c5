// A box to find a county by any words of its name, state or code, in any order.

const MOST_FOUND = 8;

// "Doña Ana" is found by "dona", "St. Louis" by "st louis", "LaSalle" as it is written.
function fold(text) {
  return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/['’.]/g, "");
}
const words = (text) => fold(text).split(/[^\p{Letter}\p{Number}]+/u).filter(Boolean);

function createIndex(atlas) {
  const entries = atlas.names.map((name, county) => ({
    county,
    name: words(name).join(" "),
    words: [...words(name), ...words(atlas.states ? atlas.states[county] : ""), ...words(atlas.keywords[county]), atlas.ids[county]],
  }));
  // Every word asked for begins a word of the county; names that begin with them come first.
  return function find(text) {
    const asked = words(text);
    if (!asked.length) return [];
    const matches = entries.filter((entry) =>
      asked.every((word) => entry.words.some((own) => own.startsWith(word))),
    );
    const rank = (entry) => {
      const whole = entry.words.includes(asked[0]) ? 0 : 1;
      return (entry.name.startsWith(asked[0]) ? 0 : 2) + whole;
    };
    return matches.sort((one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name))
      .map((entry) => entry.county);
  };
}

function createSearch(atlas, find, pick) {
  const input = byId("find");
  const list = byId("found");
  const status = byId("found-status");
  let offered = [];
  let active = -1;

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    active = -1;
  }

  function activate(at) {
    active = at;
    [...list.children].forEach((option, place) => option.setAttribute("aria-selected", place === at));
    input.setAttribute("aria-activedescendant", "found-" + at);
    list.children[at].scrollIntoView({ block: "nearest" });
  }

  function offer() {
    const matches = find(input.value);
    offered = matches.slice(0, MOST_FOUND);
    list.replaceChildren();
    offered.forEach((county, at) => {
      const option = make("li", list, "", { id: "found-" + at, role: "option", "aria-selected": "false" });
      atlas.writePlace(option, county);
      option.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the focus
      option.addEventListener("click", () => take(county));
    });
    if (!input.value.trim()) status.textContent = "";
    else if (!matches.length) status.textContent = "No " + atlas.unit[0] + " found";
    else status.textContent = atlas.count(matches.length) + " found";
    if (offered.length) {
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      active = -1;
    } else close();
  }

  function take(county) {
    input.value = atlas.place(county);
    status.textContent = "";
    close();
    pick(county);
  }

  input.addEventListener("input", offer);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const last = offered.length - 1;
    if (event.key === "Escape") {
      if (list.hidden) input.value = "";
      close();
    } else if (event.key === "Enter") {
      if (list.hidden) offer();
      if (offered.length) take(offered[Math.max(active, 0)]);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) offer();
      if (!offered.length) return;
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      activate(active + step > last ? 0 : active + step < 0 ? last : active + step);
    }
  });
}
