import { json } from "@codemirror/lang-json";
import { jinja } from "@codemirror/lang-jinja";
import { markdown } from "@codemirror/lang-markdown";
import type { Extension } from "@codemirror/state";

export type Language = "jinja" | "json" | "plain";

/** Jinja2 around Markdown: prompts are headings, lists and tags with expressions between them. */
export function languageExtension(language: Language): Extension {
  if (language === "plain") return [];
  if (language === "json") return json();
  // The Markdown key bindings would continue lists in text that is meant literally.
  return jinja({ base: markdown({ addKeymap: false, completeHTMLTags: false, pasteURLAsLink: false }) });
}
