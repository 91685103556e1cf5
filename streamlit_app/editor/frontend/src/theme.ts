import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const tint = (color: string, percent: number) =>
  `color-mix(in srgb, var(${color}) ${percent}%, transparent)`;

const mono = {
  fontFamily: "var(--st-code-font)",
  fontSize: "var(--st-code-font-size, 0.867rem)",
  fontVariantLigatures: "none",
};

const field = {
  font: "inherit",
  color: "var(--st-text-color)",
  backgroundColor: "var(--st-secondary-background-color)",
  backgroundImage: "none",
  border: "1px solid var(--st-border-color)",
  borderRadius: "calc(var(--st-base-radius) / 2)",
  padding: "2px 8px",
  margin: "0",
};

const focusRing = { outline: "none", borderColor: "var(--st-primary-color)" };

const text = {
  "&": { color: "var(--st-text-color)", backgroundColor: "transparent", height: "100%" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { ...mono, lineHeight: "1.6", overflow: "auto" },
  ".cm-content": { padding: "10px 0", caretColor: "var(--st-text-color)" },
  ".cm-line": { padding: "0 12px 0 4px" },
  ".cm-cursor, .cm-dropCursor": { borderLeft: "2px solid var(--st-text-color)" },
  ".cm-placeholder": { color: "var(--st-gray-text-color)" },
  ".cm-gutters": {
    color: "var(--st-gray-text-color)",
    backgroundColor: "transparent",
    border: "none",
    ...mono,
    lineHeight: "1.6",
  },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 2px 0 0", minWidth: "22px" },
  ".cm-foldGutter .cm-gutterElement": { width: "16px", textAlign: "center", cursor: "pointer" },
  ".cm-foldPlaceholder": {
    color: "var(--st-gray-text-color)",
    backgroundColor: "var(--st-gray-background-color)",
    border: "1px solid var(--st-border-color)",
    padding: "0 6px",
  },
};

const marks = {
  ".cm-activeLine": { backgroundColor: tint("--st-text-color", 4) },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--st-text-color)" },
  "&:not(.cm-focused) .cm-activeLine": { backgroundColor: "transparent" },
  "&:not(.cm-focused) .cm-activeLineGutter": { color: "inherit" },
  "& > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
    background: tint("--st-text-color", 14),
  },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
    background: tint("--st-primary-color", 20),
  },
  ".cm-selectionMatch": { backgroundColor: tint("--st-primary-color", 14) },
  "&.cm-focused .cm-matchingBracket, .cm-matchingBracket": {
    backgroundColor: tint("--st-primary-color", 18),
    outline: `1px solid ${tint("--st-primary-color", 60)}`,
    borderRadius: "2px",
  },
  // "{{" has no match while its expression is being typed: that is no error to shout about.
  "&.cm-focused .cm-nonmatchingBracket, .cm-nonmatchingBracket": { backgroundColor: "transparent" },
  ".cm-searchMatch": {
    backgroundColor: "var(--st-yellow-background-color)",
    outline: "1px solid var(--st-yellow-text-color)",
  },
  ".cm-searchMatch.cm-searchMatch-selected": {
    backgroundColor: "var(--st-orange-background-color)",
    outline: "2px solid var(--st-orange-text-color)",
  },
  ".cm-specialChar": { color: "var(--st-red-text-color)" },
};

const findings = {
  ".cm-gutter-lint": { width: "12px" },
  ".cm-gutter-lint .cm-gutterElement": { padding: "0 0 0 3px" },
  ".cm-lint-marker": { width: "9px", height: "9px", margin: "6px 0 0", borderRadius: "50%" },
  ".cm-lint-marker-error": { content: "''", background: "var(--st-red-color)", borderRadius: "1px" },
  ".cm-lint-marker-warning": { content: "''", background: "var(--st-orange-color)" },
  ".cm-lint-marker-info": { content: "''", background: "var(--st-blue-text-color)" },
  ".cm-lintRange-error, .cm-lintRange-warning, .cm-lintRange-info": {
    backgroundImage: "none",
    textDecorationLine: "underline",
    textDecorationStyle: "wavy",
    textDecorationSkipInk: "none",
    textUnderlineOffset: "3px",
  },
  ".cm-lintRange-error": { textDecorationColor: "var(--st-red-color)" },
  ".cm-lintRange-warning": { textDecorationColor: "var(--st-orange-color)" },
  ".cm-lintRange-info": { textDecorationColor: "var(--st-blue-text-color)" },
  ".cm-lintRange-active": { backgroundColor: tint("--st-text-color", 8) },
  ".cm-lintPoint:after": { display: "none" },
  ".cm-diagnostic": { padding: "4px 10px", borderLeftWidth: "3px", whiteSpace: "pre-wrap" },
  ".cm-diagnostic-error": { borderLeft: "3px solid var(--st-red-color)" },
  ".cm-diagnostic-warning": { borderLeft: "3px solid var(--st-orange-color)" },
  ".cm-diagnostic-info": { borderLeft: "3px solid var(--st-blue-text-color)" },
};

const popups = {
  ".cm-tooltip": {
    color: "var(--st-text-color)",
    backgroundColor: "var(--st-background-color)",
    border: "1px solid var(--st-border-color)",
    borderRadius: "var(--st-base-radius)",
    boxShadow: "0 4px 16px rgb(0 0 0 / 18%)",
    fontFamily: "var(--st-font)",
    fontSize: "0.867rem",
    overflow: "hidden",
    zIndex: "1000",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { ...mono, maxHeight: "216px", maxWidth: "420px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 10px 3px 4px", lineHeight: "1.5" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    color: "var(--st-text-color)",
    backgroundColor: tint("--st-primary-color", 16),
  },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-completionDetail": { color: "var(--st-gray-text-color)", fontStyle: "normal" },
  ".cm-completionIcon": { color: "var(--st-gray-text-color)", opacity: "1" },
};

const panels = {
  ".cm-panels": {
    color: "var(--st-text-color)",
    backgroundColor: "var(--st-background-color)",
    fontFamily: "var(--st-font)",
    fontSize: "0.867rem",
  },
  ".cm-panels.cm-panels-top": { borderBottom: "1px solid var(--st-border-color)" },
  ".cm-panel.cm-search": {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "6px",
    padding: "8px 34px 8px 10px",
  },
  // A field takes its row but for its buttons; the tick boxes go below both rows.
  ".cm-panel.cm-search br": { display: "none" },
  ".cm-panel.cm-search .cm-textfield": {
    ...field,
    ...mono,
    flex: "1 1 calc(100% - 210px)",
    minWidth: "90px",
  },
  ".cm-panel.cm-search .cm-textfield[name=replace]": { flexBasis: "calc(100% - 190px)" },
  ".cm-panel.cm-search .cm-textfield:focus-visible": focusRing,
  ".cm-panel.cm-search .cm-button": { ...field, backgroundColor: "transparent", cursor: "pointer" },
  ".cm-panel.cm-search .cm-button:hover": { borderColor: "var(--st-primary-color)" },
  ".cm-panel.cm-search .cm-button:focus-visible": focusRing,
  ".cm-panel.cm-search label": {
    order: "1",
    display: "inline-flex",
    alignItems: "center",
    gap: "4px",
    fontSize: "inherit",
    margin: "0",
  },
  ".cm-panel.cm-search input[type=checkbox]": { accentColor: "var(--st-primary-color)", margin: "0" },
  ".cm-panel.cm-search [name=close]": {
    color: "var(--st-gray-text-color)",
    fontSize: "18px",
    top: "6px",
    right: "8px",
    cursor: "pointer",
  },
};

/** Everything drawn by CodeMirror in the colours and fonts of the app, light and dark alike. */
export const theme = EditorView.theme({ ...text, ...marks, ...findings, ...popups, ...panels });

const style = (color: string, more: Record<string, string> = {}) => ({
  color: `var(--st-${color}-text-color)`,
  ...more,
});

/** Colours of the template language and of the Markdown and tags prompts are written in. */
export const highlighting = syntaxHighlighting(
  HighlightStyle.define([
    { tag: [tags.brace, tags.paren, tags.punctuation, tags.derefOperator], ...style("gray") },
    { tag: [tags.operator, tags.definitionOperator, tags.compareOperator], ...style("gray") },
    { tag: [tags.arithmeticOperator, tags.processingInstruction], ...style("gray") },
    { tag: [tags.variableName, tags.propertyName], ...style("blue", { fontWeight: "600" }) },
    { tag: tags.special(tags.variableName), ...style("blue") },
    { tag: [tags.keyword, tags.controlKeyword, tags.definitionKeyword], ...style("violet", { fontWeight: "600" }) },
    { tag: [tags.operatorKeyword, tags.logicOperator, tags.modifier], ...style("violet") },
    { tag: [tags.self, tags.standard(tags.variableName)], ...style("violet") },
    { tag: [tags.string, tags.attributeValue], ...style("green") },
    { tag: [tags.number, tags.bool], ...style("orange") },
    { tag: [tags.comment, tags.blockComment], ...style("gray", { fontStyle: "italic" }) },
    { tag: [tags.tagName, tags.angleBracket, tags.attributeName], ...style("yellow") },
    { tag: [tags.url, tags.link], ...style("blue") },
    { tag: [tags.heading, tags.strong], fontWeight: "700" },
    { tag: tags.emphasis, fontStyle: "italic" },
    { tag: tags.strikethrough, textDecoration: "line-through" },
  ]),
);
