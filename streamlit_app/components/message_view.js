export default function (component) {
  const { data, parentElement } = component;
  const host = parentElement.querySelector("[data-host]");
  if (!host) return;
  const shown = JSON.stringify(data);
  if (host.dataset.shown === shown) return;
  host.dataset.shown = shown;
  host.setAttribute("aria-label", data.label);
  host.style.height = data.height ? `${data.height}px` : "";
  host.replaceChildren(...data.messages.flatMap(draw));
}

// Texts become text nodes and nothing else: whatever a prompt says, it is shown and never run.
function draw(message) {
  const role = document.createElement("div");
  role.className = "role";
  role.textContent = message.role;
  const body = document.createElement("div");
  body.className = "body";
  for (const part of message.parts) {
    const piece = document.createElement(part.marked ? "mark" : "span");
    piece.textContent = part.text;
    body.append(piece);
  }
  return [role, body];
}
