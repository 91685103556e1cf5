// Bundles src/ into the one file the browser loads and collects the licences of what went into it.
import { readFile, readdir, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const asset = "../../static/editor/codemirror.js";
const notice = "../../static/editor/codemirror.LICENSES.txt";

const result = await build({
  entryPoints: ["src/index.ts"],
  outfile: asset,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  charset: "utf8",
  metafile: true,
  banner: { js: "/* Built from streamlit_app/editor/frontend. Licences: codemirror.LICENSES.txt */" },
});

const [output] = Object.values(result.metafile.outputs);
const packages = new Set(
  Object.entries(output.inputs)
    .filter(([, input]) => input.bytesInOutput > 0)
    .map(([path]) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1])
    .filter(Boolean),
);

const parts = ["Third-party software bundled in codemirror.js, with the licence of each package.\n"];
for (const name of [...packages].sort()) {
  const folder = `node_modules/${name}`;
  const { version, license } = JSON.parse(await readFile(`${folder}/package.json`, "utf8"));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} ships no licence text`);
  const text = (await readFile(`${folder}/${file}`, "utf8")).trim();
  parts.push(`${"=".repeat(80)}\n${name} ${version} (${license})\n\n${text}\n`);
}
await writeFile(notice, parts.join("\n"));
console.log(`${asset}: ${output.bytes} bytes, ${packages.size} packages`);
