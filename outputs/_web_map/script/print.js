// On paper: strip, maps, legends and limits on one page across. What is printed is laid out
// before the browser prints, so that it can be measured; the maps take the room that is left.

const PAPER_WIDTH = 980; // what A4 and Letter across both hold, in pixels
const PAPER_HEIGHT = 710;
const LEAST_MAP = 380;
const LEAST_MAPS = 250; // each of two side by side
const FINER = 0.6; // patterns, than on a screen
const TEXT_SIZES = [1, 0.95, 0.9, 0.85];
const SMALLER_SIZES = [0.8, 0.75, 0.7, 0.65, 0.6];

function preparePrint(views, fills, regions) {
  let undo = [];
  window.addEventListener("beforeprint", () => {
    undo.forEach((each) => each());
    const before = views.map((view) => view.map.getBounds());
    const part = regions.shown();
    document.body.classList.add("printing");
    undo = [openDetails(), fitPaper()];
    resize(views.map(() => part));
    undo.push(drawPatterns(fills), () => document.body.classList.remove("printing"), () => resize(before));
  });
  window.addEventListener("afterprint", () => {
    undo.forEach((each) => each());
    undo = [];
  });
  function resize(bounds) {
    regions.keep(() =>
      views.forEach((view, at) => {
        if (!view.map.getContainer().clientWidth) return; // the second map, when it is not shown
        view.map.invalidateSize({ animate: false });
        view.map.fitBounds(bounds[at], { animate: false });
      }),
    );
  }
}

function openDetails() {
  const details = document.querySelector(".strip details");
  if (!details || details.open) return () => {};
  details.open = true;
  return () => (details.open = false);
}

// Smaller text, then fewer of the last details, until all is on one page. The first of them
// always stays.
function fitPaper() {
  const page = document.body;
  const beside = !byId("right").hidden;
  const sections = [...document.querySelectorAll(".strip details section")];
  const least = beside ? LEAST_MAPS : LEAST_MAP;
  page.classList.toggle("two", beside);

  function fits(size) {
    page.style.setProperty("--text-size", size);
    page.style.setProperty("--map-height", "0px");
    const aside = document.querySelector("aside").getBoundingClientRect().height;
    const rest = page.getBoundingClientRect().height - (beside ? 0 : aside);
    const height = PAPER_HEIGHT - rest;
    page.style.setProperty("--map-height", Math.max(height, least) + "px");
    return height >= (beside ? least : Math.max(least, aside));
  }

  const hidden = [];
  while (!TEXT_SIZES.some(fits) && hidden.length < sections.length - 1) {
    const last = sections[sections.length - 1 - hidden.length];
    last.hidden = true;
    hidden.push(last);
  }
  if (hidden.length >= sections.length - 1) [...TEXT_SIZES, ...SMALLER_SIZES].some(fits);
  return () => hidden.forEach((section) => (section.hidden = false));
}

// A browser prints a pattern as a picture of a few dots. So each is drawn as lines over the
// whole of its places, cut out by their outlines.
function drawPatterns(fills) {
  const undo = [];
  document.querySelectorAll(".map-place svg, .legend svg").forEach((sheet) => {
    const groups = new Map();
    sheet.querySelectorAll("[fill^='url(#fill-']").forEach((shape) => {
      const address = shape.getAttribute("fill");
      if (!groups.has(address)) groups.set(address, []);
      groups.get(address).push(shape);
    });
    groups.forEach((shapes, address) => undo.push(drawPattern(fills.made.get(address), address, shapes)));
  });
  return () => undo.forEach((each) => each());
}

let cuts = 0;
function drawPattern({ colour, marks }, address, shapes) {
  const parent = shapes[0].parentNode;
  const id = "cut-" + (cuts += 1);
  const clip = draw("clipPath", parent, { id });
  draw("path", clip, { d: shapes.map(outlineOf).join(""), "clip-rule": "evenodd" });
  const corners = tilesOf(shapes);
  const drawn = draw("g", parent, { "clip-path": "url(#" + id + ")" });
  marks.forEach((mark) => {
    const d = corners.map((corner) => corner + mark.d).join("");
    draw("path", drawn, { ...mark, d, transform: "scale(" + FINER + ")" });
  });
  shapes.forEach((shape) => shape.setAttribute("fill", colour));
  return () => {
    clip.remove();
    drawn.remove();
    shapes.forEach((shape) => shape.setAttribute("fill", address));
  };
}

function outlineOf(shape) {
  if (shape.hasAttribute("d")) return shape.getAttribute("d");
  const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => shape.getAttribute(name));
  return "M" + x + " " + y + "h" + width + "v" + height + "h-" + width + "z";
}

// The corners of the pattern's tiles that some of the shapes may touch.
function tilesOf(shapes) {
  const corners = new Set();
  const side = TILE * FINER;
  shapes.forEach((shape) => {
    const { x, y, width, height } = shape.getBBox();
    for (let left = Math.floor(x / side); left * side < x + width; left += 1) {
      for (let top = Math.floor(y / side); top * side < y + height; top += 1) {
        corners.add("M" + left * TILE + " " + top * TILE);
      }
    }
  });
  return [...corners];
}
