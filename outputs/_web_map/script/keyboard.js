// Choosing a county without a mouse: Enter takes the one in the middle, arrow keys go on to
// the next one, Enter shows its figures, Escape lets go (then arrow keys move the map again).

const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const FLAT = 6; // a zoom whose pixels measure distances

function createKeyboard(view, name, atlas, chosen) {
  const { map } = view;
  const container = map.getContainer();
  const points = [];
  const at = (county) => (points[county] ||= map.project(view.centre(county), FLAT));

  function best(cost) {
    let found = null;
    let least = Infinity;
    for (let county = 0; county < atlas.size; county += 1) {
      const price = cost(at(county), county);
      if (price < least) [found, least] = [county, price];
    }
    return found;
  }

  function nearest() {
    const middle = map.project(map.getCenter(), FLAT);
    return best((point) => point.distanceTo(middle));
  }

  // Nothing farther to the side than ahead; what lies straight ahead is preferred.
  function next(county, [right, down]) {
    const from = at(county);
    return best((point) => {
      const ahead = (point.x - from.x) * right + (point.y - from.y) * down;
      const aside = Math.abs((point.x - from.x) * down) + Math.abs((point.y - from.y) * right);
      return ahead > 0 && aside <= ahead ? ahead + 2 * aside : Infinity;
    });
  }

  function announce(county) {
    view.say(county);
    byId("announcement").textContent = describe(view.shown.get(), county);
  }

  function describe(layer, county) {
    const caution = atlas.isHatched(layer, county) ? " " + atlas.areaOnly : "";
    const words = atlas.saysOf(layer, county) || "no value";
    return atlas.place(county) + ": " + words + caution;
  }

  // One line, and not the whole legend, tells what another layer shows.
  view.shown.watch((layer) => {
    const county = chosen.get();
    byId("announcement").textContent =
      name + " shows " + atlas.named(layer) + (county === null ? "" : ". " + describe(layer, county));
  });

  // Before Leaflet, which would move the map.
  container.addEventListener("keydown", (event) => {
    if (event.target !== container || event.ctrlKey || event.metaKey || event.altKey) return;
    const county = chosen.get();
    const direction = DIRECTIONS[event.key];
    if (event.key === "Enter" || event.key === " ") {
      if (county === null || !map.getBounds().intersects(L.latLngBounds([view.centre(county)]))) {
        chosen.set(nearest());
        announce(chosen.get());
      } else view.open(county);
    } else if (direction && county !== null) {
      const to = next(county, direction);
      if (to !== null) {
        chosen.set(to);
        view.keepInSight(to);
        announce(to);
      }
    } else if (event.key === "Escape" && county !== null) {
      chosen.set(null);
      byId("announcement").textContent = "No " + atlas.unit[0] + " chosen";
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
}
