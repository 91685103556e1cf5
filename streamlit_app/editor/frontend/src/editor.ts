import { acceptCompletion, autocompletion } from "@codemirror/autocomplete";
import type { CompletionSource } from "@codemirror/autocomplete";
import { indentWithTab } from "@codemirror/commands";
import { indentUnit } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import type { Diagnostic } from "@codemirror/lint";
import { search } from "@codemirror/search";
import { Annotation, Compartment, EditorState, Prec } from "@codemirror/state";
import type { Extension, Text } from "@codemirror/state";
import { EditorView, keymap, placeholder } from "@codemirror/view";
import { basicSetup } from "codemirror";

import { templateCompletion } from "./completion";
import type { Component, Widget } from "./component";
import { languageExtension } from "./language";
import type { Language } from "./language";
import { Stash } from "./stash";
import { highlighting, theme } from "./theme";

interface Finding {
  line: number;
  column: number;
  severity: "error" | "warning" | "info";
  message: string;
}

export interface EditorData {
  text: string;
  revision: number;
  variables: string[];
  language: Language;
  height: number;
  readOnly: boolean;
  label: string;
  placeholder: string;
  findings: Finding[];
  keptAs: string;
}

type Command = "save" | "run";

const DEBOUNCE_MS = 400;
const sentenceCase = Object.fromEntries(
  ["next", "previous", "all", "match case", "regexp", "by word", "replace", "replace all"].map(
    (phrase) => [phrase, phrase.charAt(0).toUpperCase() + phrase.slice(1)],
  ),
);
const fromServer = Annotation.define<boolean>();

export class CodeEditor implements Widget<EditorData> {
  private readonly view: EditorView;
  private stash: Stash;
  private readonly settings = new Compartment();
  private data: EditorData;
  private complete: CompletionSource;
  private sentText: string;
  private isTouched = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly host: HTMLElement,
    private component: Component<EditorData>,
  ) {
    this.data = component.data;
    this.stash = new Stash(this.data.keptAs);
    this.complete = templateCompletion(this.data.variables);
    this.view = new EditorView({
      parent: host,
      state: EditorState.create({ doc: this.data.text, extensions: this.extensions() }),
    });
    this.sentText = this.text();
    host.style.height = `${this.data.height}px`;
    host.addEventListener("keydown", keepHandledKeys);
    window.addEventListener("beforeunload", this.leave);
    document.addEventListener("visibilitychange", this.hide);
    this.showFindings();
    this.restore();
  }

  update(component: Component<EditorData>): void {
    const before = this.data;
    this.component = component;
    this.data = component.data;
    this.host.style.height = `${this.data.height}px`;
    this.complete = templateCompletion(this.data.variables);
    if (settingsOf(before) !== settingsOf(this.data)) {
      this.view.dispatch({ effects: this.settings.reconfigure(settingExtensions(this.data)) });
    }
    // Without a new revision the text is an echo, possibly older than what is on the screen.
    const isReplaced = before.revision !== this.data.revision;
    if (this.isKept()) this.stash.drop();
    const isOther = before.keptAs !== this.data.keptAs;
    if (isOther) this.stash = new Stash(this.data.keptAs);
    else if (isReplaced) this.stash.drop();
    if (isReplaced || !this.isTouched) this.replace(this.data.text);
    if (isOther) this.restore();
    if (isReplaced || this.hasFreshFindings(before)) this.showFindings();
  }

  destroy(): void {
    clearTimeout(this.timer);
    this.host.removeEventListener("keydown", keepHandledKeys);
    window.removeEventListener("beforeunload", this.leave);
    document.removeEventListener("visibilitychange", this.hide);
    this.view.destroy();
  }

  /** Send what is left; while the server does not have it the browser asks before it leaves. */
  private readonly leave = (event: BeforeUnloadEvent): void => {
    this.send();
    if (this.data.keptAs && !this.isKept()) event.preventDefault();
  };

  private readonly hide = (): void => {
    if (document.visibilityState === "hidden") this.send();
  };

  private extensions(): Extension {
    return [
      Prec.highest(
        keymap.of([
          this.commandKey("Mod-s", "save"),
          this.commandKey("Mod-Enter", "run"),
          { key: "Tab", run: acceptCompletion },
        ]),
      ),
      lintGutter(),
      basicSetup,
      keymap.of([indentWithTab]),
      autocompletion({ override: [(context) => this.offer(context)], icons: false }),
      search({ top: true }),
      EditorState.phrases.of(sentenceCase),
      indentUnit.of("  "),
      EditorView.lineWrapping,
      theme,
      highlighting,
      EditorView.updateListener.of((update) => {
        const isTyped = !update.transactions.some((each) => each.annotation(fromServer));
        if (update.docChanged && isTyped) this.typed();
      }),
      EditorView.domEventHandlers({ focusout: () => this.send() }),
      this.settings.of(settingExtensions(this.data)),
    ];
  }

  private commandKey(key: string, command: Command) {
    const run = () => {
      this.send(command);
      return true;
    };
    return { key, run, preventDefault: true, scope: "editor search-panel" };
  }

  private offer(context: Parameters<CompletionSource>[0]): ReturnType<CompletionSource> {
    return this.data.language === "jinja" ? this.complete(context) : null;
  }

  private isKept(): boolean {
    return !this.isTouched || this.data.text === this.text();
  }

  /** Go on with what was typed last time and has not arrived. */
  private restore(): void {
    const text = this.data.readOnly ? null : this.stash.find();
    const changes = text === null ? null : difference(this.view.state.doc, this.view.state.toText(text));
    if (changes) this.view.dispatch({ changes });
    else this.stash.drop();
  }

  private typed(): void {
    this.isTouched = true;
    this.stash.put(this.text());
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), DEBOUNCE_MS);
  }

  /** Send unsent text, and the command in the same message: Streamlit batches both calls. */
  private send(command?: Command): void {
    clearTimeout(this.timer);
    const text = this.text();
    const { revision } = this.data;
    if (this.isTouched && text !== this.sentText) {
      this.component.setStateValue("doc", { text, revision });
      this.sentText = text;
    }
    if (!command) return;
    const id = `${Date.now()}-${Math.random()}`;
    this.component.setStateValue("command", { name: command, id, revision });
  }

  /** Show the text of the server; only what differs is changed, so the selection stays. */
  private replace(text: string): void {
    clearTimeout(this.timer);
    const changes = difference(this.view.state.doc, this.view.state.toText(text));
    if (changes) this.view.dispatch({ changes, annotations: fromServer.of(true) });
    this.sentText = this.text();
    this.isTouched = false;
  }

  /** Findings are places in the text of the server: place them anew once the screen shows it. */
  private hasFreshFindings(before: EditorData): boolean {
    const isCaughtUp = before.text !== this.data.text && this.data.text === this.text();
    return isCaughtUp || JSON.stringify(before.findings) !== JSON.stringify(this.data.findings);
  }

  private showFindings(): void {
    const { doc } = this.view.state;
    const diagnostics = this.data.findings.map((finding) => diagnosticOf(finding, doc));
    this.view.dispatch(setDiagnostics(this.view.state, diagnostics));
  }

  private text(): string {
    return this.view.state.doc.toString();
  }
}

/** Keys the editor dealt with are not also shortcuts of the page (Ctrl+S would save twice). */
function keepHandledKeys(event: KeyboardEvent): void {
  if (event.defaultPrevented) event.stopPropagation();
}

function settingsOf({ language, readOnly, label, placeholder }: EditorData): string {
  return JSON.stringify([language, readOnly, label, placeholder]);
}

function settingExtensions(data: EditorData): Extension {
  return [
    languageExtension(data.language),
    EditorState.readOnly.of(data.readOnly),
    EditorView.contentAttributes.of({
      "aria-label": data.label,
      "aria-description": "Tab indents. Press Escape, then Tab, to leave the editor.",
      spellcheck: "false",
    }),
    data.placeholder ? placeholder(data.placeholder) : [],
  ];
}

function difference(before: Text, after: Text) {
  const [a, b] = [before.toString(), after.toString()];
  if (a === b) return null;
  const most = Math.min(a.length, b.length);
  let start = 0;
  while (start < most && a.charCodeAt(start) === b.charCodeAt(start)) start++;
  let end = 0;
  while (end < most - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  return { from: start, to: a.length - end, insert: b.slice(start, b.length - end) };
}

/** Mark the word at the place of a finding, or the whole line for column 0. */
function diagnosticOf(finding: Finding, doc: Text): Diagnostic {
  const line = doc.line(Math.min(Math.max(finding.line, 1), doc.lines));
  const { severity, message } = finding;
  if (finding.column < 1) return { from: line.from, to: line.to, severity, message };
  const offset = Math.min(finding.column - 1, line.length);
  const length = /^(\w+|\S)/.exec(line.text.slice(offset))?.[0].length ?? 0;
  const from = length ? offset : Math.max(0, offset - 1);
  return { from: line.from + from, to: line.from + offset + length, severity, message };
}
