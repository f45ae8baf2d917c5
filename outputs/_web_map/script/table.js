// All counties as a table: filtered, sorted, in pages; tied to the map both ways.

const ROWS_A_PAGE = 50;
const MOST_OF_A_NAME = 60;

function createTable({ atlas, fills, shown, variant, chosen, find, pick }) {
  const toggle = byId("table-toggle");
  const body = byId("table-body");
  const filter = byId("table-filter");
  const classes = byId("table-class");
  const status = byId("table-status");
  const scroller = byId("table-scroller");
  const table = make("table", scroller);
  const caption = make("caption", table);
  const head = make("tr", make("thead", table));
  const lines = make("tbody", table);
  const first = [
    { label: capital(atlas.unit[0]), value: (county) => atlas.names[county] },
    ...(atlas.states ? [{ label: "State", value: (county) => atlas.states[county] }] : []),
  ];
  const classAt = first.length;
  let columns = [];

  // Of the layer and of the kind that the reader has chosen.
  function takeColumns() {
    const layer = shown.get();
    columns = [...first, {
      label: layer.surface ? "No class: the map shows a surface" : "Class: " + atlas.named(layer),
      value: (county) => atlas.classOf(layer, county),
      order: (county) => (layer.surface ? 0 : layer.classes[county]),
    }];
    atlas.columnsOf(variant.get()).forEach(({ label, decimals, values, marks }) => {
      columns.push({ label, decimals, marks, value: (county) => values[county] });
    });
    if (order.column >= columns.length) order = { column: 0, direction: 1 };
  }

  // Every file and every print says what its figures are of.
  function about() {
    return [
      ["Shown", atlas.named(shown.get())],
      ["Figures of", variant.get()],
      ["Periods", atlas.periods],
    ].filter(([, words]) => words);
  }

  let order = { column: 0, direction: 1 };
  let listed = [];
  let page = 0;
  const isNumber = (column) => column.decimals !== undefined;

  function text(column, county) {
    const value = column.value(county);
    if (value === null) return "";
    if (!isNumber(column)) return value;
    const { marks } = column; // whose the number is
    return number(value, column.decimals) + (marks ? " " + marks.texts[marks.codes[county]] : "");
  }

  // What is missing comes last, whichever the direction.
  function compare(one, other) {
    const column = columns[order.column];
    const key = column.order || column.value;
    const [a, b] = [key(one), key(other)];
    if (a === null || b === null) return (a === null) - (b === null);
    const sign = typeof a === "number" ? a - b : collator.compare(a, b);
    return sign * order.direction || one - other;
  }
  const collator = new Intl.Collator("en", { numeric: true });

  function list() {
    const wanted = filter.value.trim() ? find(filter.value) : [...atlas.names.keys()];
    const layer = shown.get();
    const at = classes.value ? layer.legend.findIndex((entry) => entry.key === classes.value) : -1;
    listed = at < 0 ? wanted : wanted.filter((county) => layer.classes[county] === at);
    listed.sort(compare);
  }

  function writeHead() {
    const words = about().map(([label, text]) => label + ": " + text).join(". ");
    byId("table-about").textContent = words;
    caption.textContent = capital(atlas.unit[1]) + ". " + words;
    head.replaceChildren();
    columns.forEach((column, at) => {
      const cell = make("th", head, "", { scope: "col", class: isNumber(column) ? "number" : "" });
      cell.style.minWidth = Math.min(9, column.label.length / 6) + "rem"; // few lines
      makeButton(cell, column.label, () => {
        // Numbers are mostly asked for from the greatest down.
        const start = isNumber(column) ? -1 : 1;
        order = { column: at, direction: order.column === at ? -order.direction : start };
        page = 0;
        refresh();
      }, { dir: "auto" });
    });
  }

  function writeRow(county) {
    const line = make("tr", lines);
    line.county = county;
    if (county === chosen.get()) line.setAttribute("aria-current", "true");
    const name = make("th", line, "", { scope: "row" });
    const button = makeButton(name, "", () => {}, { tabindex: "-1" });
    make("bdi", button, atlas.names[county]);
    columns.slice(1).forEach((column, at) => {
      const cell = make("td", line, "", { class: isNumber(column) ? "number" : "", dir: "auto" });
      if (at + 1 === classAt) drawSwatch(cell, fills.ofCounty(shown.get(), county), { width: 18, height: 12 });
      if (isNumber(column)) cell.append(text(column, county));
      else make("span", cell, text(column, county), { class: "words" });
    });
  }

  function write() {
    const pages = Math.max(1, Math.ceil(listed.length / ROWS_A_PAGE));
    page = Math.min(page, pages - 1);
    const from = page * ROWS_A_PAGE;
    const shownHere = listed.slice(from, from + ROWS_A_PAGE);
    const focused = lines.contains(document.activeElement);
    lines.replaceChildren();
    shownHere.forEach(writeRow);
    const current = lines.querySelector("[aria-current] button") || lines.querySelector("button");
    if (current) {
      current.tabIndex = 0; // one stop of the tab key; arrow keys go on
      if (focused) current.focus({ preventScroll: true });
    }
    [...head.children].forEach((cell, at) => {
      if (at !== order.column) cell.removeAttribute("aria-sort");
      else cell.setAttribute("aria-sort", order.direction > 0 ? "ascending" : "descending");
    });
    status.textContent = listed.length
      ? number(from + 1) + " to " + number(from + shownHere.length) + " of " + atlas.count(listed.length)
      : "No " + atlas.unit[0] + " fits";
    byId("table-before").disabled = page === 0;
    byId("table-next").disabled = page >= pages - 1;
  }

  function refresh() {
    if (body.hidden) return;
    list();
    write();
  }

  function renew() {
    takeColumns();
    if (body.hidden) return;
    writeHead();
    refresh();
  }

  function writeClasses() {
    const before = classes.value; // stays where the next layer has that class, too
    classes.replaceChildren();
    make("option", classes, "All classes", { value: "" });
    classes.disabled = Boolean(shown.get().surface);
    if (classes.disabled) return;
    const entries = shown.get().legend.filter((entry) => entry.count);
    entries.forEach((entry) => make("option", classes, entry.short, { value: entry.key }));
    if (entries.some((entry) => entry.key === before)) classes.value = before;
  }

  function reveal(county) {
    const at = listed.indexOf(county);
    if (at >= 0) page = Math.floor(at / ROWS_A_PAGE);
    write();
    if (at < 0) status.textContent += "; " + atlas.place(county) + " is outside the filter";
    const row = lines.querySelector("[aria-current]");
    // Not scrollIntoView, which would scroll the page as well.
    if (row) scroller.scrollTop = row.offsetTop - (scroller.clientHeight + head.offsetHeight) / 2;
  }

  toggle.addEventListener("click", () => {
    body.hidden = !body.hidden;
    toggle.setAttribute("aria-expanded", !body.hidden);
    renew();
    if (!body.hidden && chosen.get() !== null) reveal(chosen.get());
  });
  filter.addEventListener("input", () => {
    page = 0;
    refresh();
  });
  classes.addEventListener("change", () => {
    page = 0;
    refresh();
  });
  byId("table-before").addEventListener("click", () => turn(-1));
  byId("table-next").addEventListener("click", () => turn(1));
  function turn(step) {
    page += step;
    write();
    scroller.scrollTop = 0;
  }
  lines.addEventListener("click", (event) => {
    const line = event.target.closest("tr");
    if (line) pick(line.county, event.detail === 0); // 0: by key, the focus follows
  });
  lines.addEventListener("keydown", (event) => {
    const line = event.target.closest("tr");
    const next = { ArrowDown: line.nextSibling, ArrowUp: line.previousSibling,
      Home: lines.firstChild, End: lines.lastChild }[event.key];
    if (!next) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    const button = next.querySelector("button");
    button.tabIndex = 0;
    button.focus();
  });
  byId("table-download").addEventListener("click", () => {
    const rows = listed.map((county) => [
      ...(atlas.simulated ? ["SIMULATED"] : []),
      atlas.ids[county],
      ...columns.map((column) => column.value(county)),
      ...about().map(([, words]) => words),
    ]);
    const labels = [
      ...(atlas.simulated ? ["Data"] : []),
      "Code",
      ...columns.map((column) => column.label),
      ...about().map(([label]) => label),
    ];
    const data = atlas.simulated ? "simulated" : "";
    const name = [data, atlas.unit[1], shown.get().title, variant.get(), atlas.periods];
    saveText(fileName(name) + ".csv", [labels, ...rows].map(csvLine).join(""));
  });
  shown.watch(() => {
    writeClasses();
    renew();
  });
  variant.watch(renew);
  chosen.watch((county) => {
    if (!body.hidden && county !== null) reveal(county);
    else if (!body.hidden) write();
  });
  writeClasses();
  takeColumns();
}

// A name that every system takes.
function fileName(parts) {
  const plain = parts.map((part) => fold(part).replace(/[^a-z0-9]+/g, "-").slice(0, MOST_OF_A_NAME));
  return plain.join("-").replace(/-+/g, "-").replace(/^-|-$/g, "");
}

// A spreadsheet would run text that begins like a formula.
function csvLine(cells) {
  const safe = cells.map((cell) => {
    if (cell === null) return "";
    if (typeof cell === "number") return String(cell);
    const text = /^[\s]*[=+\-@]|^[\t\r]/.test(cell) ? "'" + cell : cell;
    return /[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  });
  return safe.join(",") + "\r\n";
}

function saveText(name, text) {
  const address = URL.createObjectURL(new Blob(["\ufeff" + text], { type: "text/csv" }));
  make("a", null, "", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
