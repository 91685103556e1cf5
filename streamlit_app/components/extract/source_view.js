export default function ({ data, parentElement, setTriggerValue }) {
  const host = parentElement.querySelector("[data-host]");
  if (!host) return;
  host.setAttribute("aria-label", "Text of the source");
  host.style.height = `${data.height}px`;
  host.offerMark = data.marks ? (stretch) => setTriggerValue("marked", stretch) : null;
  if (!host.dataset.listens) {
    host.dataset.listens = "yes";
    host.addEventListener("pointerup", () => setTimeout(() => offerMark(host)));
    host.addEventListener("keyup", () => offerMark(host));
    host.addEventListener("pointerdown", (event) => {
      if (!event.target.closest(".offer")) host.querySelector(".offer")?.remove();
    });
  }
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
  if (piece.at !== undefined) element.dataset.at = piece.at;
  if (piece.mark === undefined) return element;
  element.dataset.mark = piece.mark;
  element.dataset.state = piece.state;
  element.setAttribute("role", "button");
  element.tabIndex = 0;
  element.title = piece.name || "Where the prompt was found";
  const pick = () => setTriggerValue("picked", { start: piece.mark, end: piece.end });
  element.addEventListener("click", () => {
    if (!selected(element.closest("[data-host]"))) pick();
  });
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    pick();
  });
  return element;
}

// Offers to mark what is selected in the text, below the selection.
function offerMark(host) {
  host.querySelector(".offer")?.remove();
  const range = host.offerMark && selected(host);
  const stretch = range && stretchOf(host, range);
  if (!stretch) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "offer";
  button.textContent = "Mark as a prompt";
  button.addEventListener("click", () => {
    button.remove();
    host.offerMark?.(stretch);
  });
  const [box, inner] = [range.getBoundingClientRect(), host.getBoundingClientRect()];
  const below = Math.min(box.bottom - inner.top + 6, host.clientHeight - 44);
  button.style.top = `${host.scrollTop + Math.max(below, 8)}px`;
  button.style.left = `${Math.min(Math.max(box.left - inner.left, 8), host.clientWidth - 160)}px`;
  host.append(button);
}

// The range that is selected inside the box, or null; browsers tell it in three ways.
function selected(host) {
  const root = host.getRootNode();
  const page = window.getSelection();
  const told = [
    page?.getComposedRanges?.({ shadowRoots: [root] })[0],
    root.getSelection?.()?.rangeCount ? root.getSelection().getRangeAt(0) : undefined,
    page?.rangeCount ? page.getRangeAt(0) : undefined,
  ];
  const found = told.find((one) => one && holds(host, one));
  if (!found) return null;
  const range = document.createRange();
  range.setStart(found.startContainer, found.startOffset);
  range.setEnd(found.endContainer, found.endOffset);
  return range.toString().trim() === "" ? null : range;
}

function holds(host, range) {
  return host.contains(range.startContainer) && host.contains(range.endContainer);
}

// Where the range lies in the source, in characters; null where a part of it is not shown.
function stretchOf(host, range) {
  if ([...host.querySelectorAll(".gap")].some((gap) => range.intersectsNode(gap))) return null;
  const touched = [...host.querySelectorAll("[data-at]")].filter(
    (element) => element.firstChild && range.intersectsNode(element.firstChild),
  );
  if (touched.length === 0) return null;
  const place = (element, container, offset, otherwise) => {
    const text = element.firstChild.data;
    const units = container === element.firstChild ? offset : otherwise(text);
    return Number(element.dataset.at) + [...text.slice(0, units)].length;
  };
  const [first, last] = [touched[0], touched[touched.length - 1]];
  const start = place(first, range.startContainer, range.startOffset, () => 0);
  const end = place(last, range.endContainer, range.endOffset, (text) => text.length);
  return start < end ? { start, end } : null;
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
