import { EditorView } from "@codemirror/view";

const mark = (color: string) => ({
  background: `color-mix(in srgb, var(--st-${color}-color) 10%, transparent)`,
  textDecoration: `underline 2px var(--st-${color}-color)`,
  textUnderlineOffset: "3px",
  borderRadius: "2px",
});

const sign = (color: string, character: string) => ({
  background: `var(--st-${color}-background-color)`,
  color: `var(--st-${color}-text-color)`,
  boxShadow: `inset 2px 0 var(--st-${color}-color)`,
  "&:before": { content: `"${character}"` },
});

const removedLine = { backgroundColor: "var(--st-red-background-color)" };
const addedLine = { backgroundColor: "var(--st-green-background-color)" };

/** Added and removed text: a colour, a sign in the gutter and an underline below the words. */
export const mergeTheme = EditorView.theme({
  "&": { height: "auto" },
  ".cm-content": { padding: "4px 0" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 5px 0 0", minWidth: "25px" },
  ".cm-changeGutter": { width: "16px", padding: "0" },
  ".cm-changeGutter .cm-gutterElement": { textAlign: "center" },
  "&.cm-merge-a .cm-changedLineGutter, .cm-deletedLineGutter": sign("red", "−"),
  "&.cm-merge-b .cm-changedLineGutter": sign("green", "+"),
  "&.cm-merge-a .cm-changedLine, .cm-deletedChunk": removedLine,
  "&.cm-merge-b .cm-changedLine, .cm-inlineChangedLine": addedLine,
  "&.cm-merge-a .cm-changedText, .cm-deletedChunk .cm-deletedText, &.cm-merge-b .cm-deletedText":
    mark("red"),
  "&.cm-merge-b .cm-changedText": mark("green"),
  ".cm-insertedLine, .cm-deletedLine, .cm-deletedLine del": { textDecoration: "none" },
  ".cm-deletedChunk": { padding: "0 12px 0 4px" },
  ".cm-deletedChunk .cm-deletedLine": { padding: "0" },
  ".cm-collapsedLines": {
    color: "var(--st-gray-text-color)",
    background: "var(--st-gray-background-color)",
    fontFamily: "var(--st-font)",
    padding: "2px 12px",
    cursor: "pointer",
  },
  // The glyph CodeMirror puts there is missing from most fonts.
  ".cm-collapsedLines:before, .cm-collapsedLines:after": { content: "'↕'", fontSize: "0.8em" },
  ".cm-mergeSpacer": {
    background: "color-mix(in srgb, var(--st-text-color) 3%, transparent)",
  },
});
