// Elements. All text from the data reaches the page through textContent, never as HTML.

const SVG = "http://www.w3.org/2000/svg";
const byId = (id) => document.getElementById(id);
const number = (value, decimals = 0) =>
  value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function make(tag, parent, text, attributes) {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  Object.entries(attributes || {}).forEach(([name, value]) => element.setAttribute(name, value));
  if (parent) parent.append(element);
  return element;
}

function draw(tag, parent, attributes) {
  const element = document.createElementNS(SVG, tag);
  Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
  parent.append(element);
  return element;
}

function makeButton(parent, label, onclick, attributes) {
  const button = make("button", parent, label, { type: "button", ...attributes });
  button.addEventListener("click", onclick);
  return button;
}

// A radio button or checkbox with its label.
function makeChoice(parent, type, name, label, checked, onchange) {
  const line = make("label", parent);
  const input = make("input", line, "", { type, name });
  input.checked = checked;
  input.addEventListener("change", () => onchange(input.checked));
  make("span", line, label, { dir: "auto" });
  return line;
}

function calm() {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}
