import { CompletionContext, pickedCompletion } from "@codemirror/autocomplete";
import type { Completion, CompletionResult, CompletionSource } from "@codemirror/autocomplete";
import { jinjaCompletionSource } from "@codemirror/lang-jinja";
import type { EditorView } from "@codemirror/view";

const LOOK_BACK = 2000;

/** Complete variables, keywords and filters, but only between the braces of a template. */
export function templateCompletion(variables: readonly string[]): CompletionSource {
  const complete = jinjaCompletionSource({ variables: variables.map(variableCompletion) });
  return (context) => {
    const before = context.state.sliceDoc(Math.max(0, context.pos - LOOK_BACK), context.pos);
    const inside = openTag(before);
    if (inside === null) return null;
    // An empty expression or tag is the moment to show what there is, unasked.
    const asked = context.explicit || /^[-+]?\s*$/.test(inside) || /\|\s*$/.test(inside);
    const result = complete(new CompletionContext(context.state, context.pos, asked));
    return result as CompletionResult | null;
  };
}

/** The text since the `{{` or `{%` that is still open, or null outside of one. */
function openTag(before: string): string | null {
  const start = Math.max(before.lastIndexOf("{{"), before.lastIndexOf("{%"));
  if (start < 0) return null;
  const inside = before.slice(start + 2);
  return inside.includes("}}") || inside.includes("%}") ? null : inside;
}

function variableCompletion(name: string): Completion {
  return { label: name, type: "variable", boost: 50, detail: "variable", apply: insertSpaced };
}

/** Insert the name with one space to either side where it touches the braces: `{{ name }}`. */
function insertSpaced(view: EditorView, completion: Completion, from: number, to: number): void {
  const before = view.state.sliceDoc(Math.max(0, from - 2), from) === "{{" ? " " : "";
  const after = view.state.sliceDoc(to, to + 2) === "}}" ? " " : "";
  const insert = before + completion.label + after;
  view.dispatch({
    changes: { from, to, insert },
    selection: { anchor: from + insert.length },
    annotations: pickedCompletion.of(completion),
    userEvent: "input.complete",
  });
}
