import { mounter } from "./component";
import { CodeEditor } from "./editor";
import type { EditorData } from "./editor";
import { Comparison } from "./merge";
import type { MergeData } from "./merge";

export const mountEditor = mounter<EditorData>((host, component) => new CodeEditor(host, component));
export const mountMerge = mounter<MergeData>((host, component) => new Comparison(host, component));
