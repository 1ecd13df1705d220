// Creates elements and inserts data as text: data is never parsed as HTML.

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'onclick') made.addEventListener('click', value);
    else if (value !== null && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

function byId(id) {
  return document.getElementById(id);
}

function data(name) {
  return JSON.parse(byId(name).textContent);
}

// A number for display, with few digits; – if unknown.
function show(value, digits = 0) {
  return value === null ? '–' : value.toFixed(digits);
}

function plural(number, noun) {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
