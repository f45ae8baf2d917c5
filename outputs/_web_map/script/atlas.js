// What the page knows: places, layers, and how the ones stand in the others.

const WHOLE = "1"; // the class is that of a larger area
const PARTLY = "2"; // the class rests partly on what was shared out

function readAtlas(data) {
  // A title may say its only variant itself.
  const named = ({ title, variant }) => (title.includes(variant) ? title : title + ": " + variant);
  const isHatched = (layer, county) => !layer.surface && layer.hatched[county] === WHOLE;

  // What the layer says of a place, in a few words; nothing where it is a surface.
  function classOf(layer, county) {
    if (layer.surface) return "";
    const whose = isHatched(layer, county) ? " (" + layer.areaUnit[0] + ")" : "";
    return layer.legend[layer.classes[county]].short + whose;
  }

  // The figure that stands for the place where the layer shows one, else its class.
  function saysOf(layer, county) {
    const figure = layer.figures ? layer.figures.texts[layer.figures.codes[county]] : "";
    return figure || classOf(layer, county);
  }

  // A name may hold marks that turn the direction of writing; they end with it.
  function writePlace(parent, county) {
    const words = make("span", parent, "", { class: "place" });
    make("bdi", words, data.names[county]);
    if (data.states) words.append(", " + data.states[county]);
    return words;
  }

  const spread = ({ texts, codes }) => codes.map((code) => texts[code]);

  // Surfaces are choices like the layers of classes, and take their place.
  const surfaces = data.overlays.map(({ label, variant, note, legend, figures, image, bounds }) => ({
    title: label, group: "Surfaces", variant, note, legend, figures, surface: { image, bounds },
  }));
  const columns = data.columns.map((column) => (column.texts ? { ...column, values: spread(column) } : column));

  return {
    ...data,
    layers: [...data.layers, ...surfaces],
    beside: data.beside || [data.layers[0].title, data.layers[data.layers.length - 1].title],
    keywords: spread(data.keywords),
    // The columns of the table that goes with a variant.
    columnsOf: (variant) => data.tables[variant].map((at) => columns[at]),
    size: data.names.length,
    named,
    classOf,
    saysOf,
    writePlace,
    place: (county) => data.names[county] + (data.states ? ", " + data.states[county] : ""),
    count: (size) => number(size) + " " + data.unit[size === 1 ? 0 : 1],
    areaOnly: "(class of the larger area, not of the " + data.unit[0] + ")",
    isHatched,
    isPartly: (layer, county) => !layer.surface && layer.hatched[county] === PARTLY,
    latLngs: data.shapes.map((shape) =>
      shape.map((rings) => rings.map((ring) => decode(ring, data.unitsPerDegree))),
    ),
  };
}

// A first vertex, then the step to each next one; latitude first, as Leaflet wants it.
function decode(steps, unitsPerDegree) {
  const vertices = [];
  for (let at = 0, x = 0, y = 0; at < steps.length; at += 2) {
    x += steps[at];
    y += steps[at + 1];
    vertices.push([y / unitsPerDegree, x / unitsPerDegree]);
  }
  return vertices;
}
