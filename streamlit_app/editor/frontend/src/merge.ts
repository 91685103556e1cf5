import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import type { Extension } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";

import type { Component, Widget } from "./component";
import { languageExtension } from "./language";
import { mergeTheme } from "./mergeTheme";
import { highlighting, theme } from "./theme";

export interface MergeData {
  old: string;
  new: string;
  height: number;
  oldTitle: string;
  newTitle: string;
  label: string;
}

const STACK_BELOW_PX = 640;
const shared = {
  gutter: true,
  collapseUnchanged: { margin: 2, minSize: 4 },
  diffConfig: { scanLimit: 2000, timeout: 200 },
};

/** Two read-only texts side by side, or one above the other where there is little width. */
export class Comparison implements Widget<MergeData> {
  private view: { destroy(): void } | undefined;
  private isStacked: boolean | undefined;
  private readonly observer: ResizeObserver;

  constructor(
    private readonly host: HTMLElement,
    private component: Component<MergeData>,
  ) {
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(host);
    this.fit();
  }

  update(component: Component<MergeData>): void {
    const isSame = JSON.stringify(component.data) === JSON.stringify(this.component.data);
    this.component = component;
    if (!isSame) this.draw();
  }

  destroy(): void {
    this.observer.disconnect();
    this.view?.destroy();
    this.host.replaceChildren();
  }

  private fit(): void {
    const width = this.host.clientWidth;
    // A hidden tab is 0 px wide: wait until it is shown.
    if (width === 0) return;
    const isStacked = width < STACK_BELOW_PX;
    if (isStacked === this.isStacked) return;
    this.isStacked = isStacked;
    this.draw();
  }

  private draw(): void {
    if (this.isStacked === undefined) return;
    const { data } = this.component;
    this.view?.destroy();
    this.view = undefined;
    this.host.replaceChildren();
    this.host.append(...titleRow(data, this.isStacked));
    if (data.old === data.new) {
      this.host.append(line("same", "The texts are the same."));
      return;
    }
    const box = line("scroll", "");
    box.style.maxHeight = `${data.height}px`;
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", data.label);
    this.host.append(box);
    this.view = this.isStacked ? stacked(data, box) : sideBySide(data, box);
  }
}

function sideBySide(data: MergeData, parent: HTMLElement): MergeView {
  return new MergeView({
    parent,
    root: parent.getRootNode() as ShadowRoot,
    a: { doc: data.old, extensions: readOnly(data.oldTitle || "Before") },
    b: { doc: data.new, extensions: readOnly(data.newTitle || "After") },
    ...shared,
  });
}

function stacked(data: MergeData, parent: HTMLElement): EditorView {
  const original = data.old;
  return new EditorView({
    parent,
    doc: data.new,
    extensions: [
      readOnly(data.label),
      unifiedMergeView({ original, mergeControls: false, syntaxHighlightDeletions: true, ...shared }),
    ],
  });
}

function readOnly(label: string): Extension {
  return [
    lineNumbers(),
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": label }),
    languageExtension("jinja"),
    theme,
    mergeTheme,
    highlighting,
  ];
}

function titleRow(data: MergeData, isStacked: boolean): HTMLElement[] {
  if (!data.oldTitle && !data.newTitle) return [];
  const row = line("titles", "");
  if (isStacked) row.append(line("", `${data.oldTitle} → ${data.newTitle}`));
  else row.append(line("", data.oldTitle), line("", data.newTitle));
  return [row];
}

function line(className: string, text: string): HTMLElement {
  const element = document.createElement("div");
  element.className = className;
  element.textContent = text;
  return element;
}
