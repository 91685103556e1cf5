export default function ({ data, parentElement, setTriggerValue }) {
  const host = parentElement.querySelector("[data-host]");
  if (!host) return;
  host.setAttribute("aria-label", "Text of the source");
  host.style.height = `${data.height}px`;
  const shown = JSON.stringify(data.pieces);
  if (host.dataset.shown !== shown) {
    const top = host.scrollTop;
    const begins = (data.pieces[0]?.text ?? "").slice(0, 200);
    host.replaceChildren(...data.pieces.map((piece) => draw(piece, setTriggerValue)));
    // Another tick in the same stretch leaves it where it is; another one begins at its first mark.
    host.scrollTop = host.dataset.begins === begins ? top : firstMark(host);
    host.dataset.begins = begins;
    host.dataset.shown = shown;
  }
  for (const mark of host.querySelectorAll("[data-mark]")) {
    mark.toggleAttribute("data-chosen", Number(mark.dataset.mark) === data.chosen);
  }
  const at = `${data.chosen}/${data.scrolled}`;
  if (data.chosen !== null && host.dataset.seen !== at) {
    host.dataset.seen = at;
    reveal(host, data.chosen);
  }
}

// Texts become text nodes and nothing else: whatever a page says, it is shown and never run.
function draw(piece, setTriggerValue) {
  if (piece.page !== undefined && piece.mark === undefined) return note(`Page ${piece.page}`);
  if (piece.gap !== undefined) return gap(piece, setTriggerValue);
  const element = document.createElement(piece.mark === undefined ? "span" : "mark");
  if (piece.page !== undefined) {
    element.append(note(`Page ${piece.page}`));
  } else {
    element.textContent = piece.text;
  }
  if (piece.mark === undefined) return element;
  element.dataset.mark = piece.mark;
  element.dataset.state = piece.state;
  element.setAttribute("role", "button");
  element.tabIndex = 0;
  element.title = piece.name || "Where the prompt was found";
  const pick = () => setTriggerValue("picked", { start: piece.mark, end: piece.end });
  element.addEventListener("click", () => {
    if (String(window.getSelection() ?? "") === "") pick();
  });
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    pick();
  });
  return element;
}

function firstMark(host) {
  const mark = host.querySelector("[data-mark]");
  return mark ? topOf(mark, host) : 0;
}

function topOf(mark, host) {
  const offset = mark.getBoundingClientRect().top - host.getBoundingClientRect().top;
  return host.scrollTop + offset - 48;
}

function note(words) {
  const element = document.createElement("span");
  element.className = "page";
  element.textContent = words;
  return element;
}

function gap(piece, setTriggerValue) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "gap";
  element.textContent = `Show ${piece.length.toLocaleString("en")} characters without proposals`;
  element.addEventListener("click", () => setTriggerValue("widened", { start: piece.gap }));
  return element;
}

// Only boxes scroll, never the page. The proposal is drawn a moment later than the mark.
function reveal(host, start) {
  const mark = host.querySelector(`[data-mark="${start}"]`);
  if (mark) host.scrollTop = topOf(mark, host);
  setTimeout(() => {
    const row = document.querySelector(`.st-key-found_${start}`);
    const list = document.querySelector(".st-key-found_list");
    if (!row || !list) return;
    const [inner, outer] = [row.getBoundingClientRect(), list.getBoundingClientRect()];
    if (inner.top < outer.top || inner.bottom > outer.bottom) {
      list.scrollTop += inner.top - outer.top - 8;
    }
  }, 250);
}
