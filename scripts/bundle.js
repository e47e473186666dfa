// Writes static/dist: one script and one sheet for each page, small and with a hash in their names,
// and manifest.json, which says which sources they were made from. The server uses them as long as
// these are still the sources (app/web/bundles.py). Takes a fifth of a second.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";

const STATIC = new URL("../static/", import.meta.url).pathname;
const DIST = `${STATIC}dist/`;
const SOURCE = /^(?:js|css|vendor)\/.*\.(?:js|css)$/u;
const PAGE = /^js\/(?:.*[/_])?page\.js$|^css\/pages\/.*\.css$/u;
const WORTH_COMPRESSING_BYTES = 1024;

const sources = readdirSync(STATIC, { recursive: true, encoding: "utf8" })
  .filter((path) => SOURCE.test(path))
  .sort();

/** @param {string | Uint8Array} content */
const hash = (content) => createHash("sha256").update(content).digest("hex");

/** The same as `Bundles.digest` in app/web/bundles.py. */
function digest() {
  const lines = sources.map((path) => `${path}\0${hash(readFileSync(STATIC + path)).slice(0, 16)}\n`);
  return hash(lines.join(""));
}

/** @param {string} path @returns {any} */
function json(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return { files: [] };
  }
}

/** A file is there whole or not at all. @param {string} name @param {string | Uint8Array} content */
function write(name, content) {
  const draft = `${DIST}.${name}.${process.pid}`;
  writeFileSync(draft, content);
  renameSync(draft, DIST + name);
}

/** "js/chat/page.js" becomes "chat-page". @param {string} path */
const flat = (path) => path.replace(/^(?:js|css\/pages)\/|\.\w+$/gu, "").replaceAll("/", "-");

/** @type {import("esbuild").BuildOptions & { metafile: true, write: false }} */
const options = {
  absWorkingDir: STATIC,
  alias: {
    "socket.io-client": "./vendor/socket.io.esm.min.js",
    uplot: "./vendor/uPlot.esm.js",
  },
  bundle: true,
  splitting: true,
  format: "esm",
  minify: true,
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  outdir: "dist",
  entryNames: "[name]-[hash]",
  chunkNames: "shared-[hash]",
  metafile: true,
  write: false,
  logLevel: "warning",
};

/** Pages that share what they have in common. @param {(path: string) => boolean} isMeant */
function bundled(isMeant) {
  const pages = sources.filter((path) => PAGE.test(path) && isMeant(path));
  return build({ ...options, entryPoints: pages.map((path) => ({ in: path, out: flat(path) })) });
}

// On a slow line each request counts: the chat page shares its scripts with no other, which would
// cut them into more files.
/** @param {string} path */
const isChat = (path) => path === "js/chat/page.js";
const built = await Promise.all([bundled(isChat), bundled((path) => !isChat(path))]);
const outputsByPath = Object.assign({}, ...built.map(({ metafile }) => metafile.outputs));

mkdirSync(DIST, { recursive: true });
/** @type {string[]} */
const files = [];
for (const { path, contents } of built.flatMap(({ outputFiles }) => outputFiles)) {
  const name = basename(path);
  files.push(name);
  write(name, contents);
  if (contents.length < WORTH_COMPRESSING_BYTES) continue;
  files.push(`${name}.br`);
  write(`${name}.br`, brotliCompressSync(contents));
}

/**
 * What a page loads besides its entry: at once, and with `later` also when something is opened.
 * @param {string} output @param {boolean} later @returns {string[]}
 */
function imported(output, later = false, found = new Set()) {
  for (const { path, kind } of outputsByPath[output]?.imports ?? []) {
    const isMeant = kind === "import-statement" || (later && kind === "dynamic-import");
    if (!isMeant || found.has(basename(path))) continue;
    found.add(basename(path));
    imported(path, later, found);
  }
  return [...found];
}

/** @param {string} output */
function pageFiles(output) {
  const imports = imported(output);
  const lazy = imported(output, true).filter((file) => !imports.includes(file));
  return { file: basename(output), imports, lazy };
}

const outputs = Object.entries(outputsByPath).filter(([, { entryPoint }]) => entryPoint);
const pages = Object.fromEntries(
  outputs.map(([output, { entryPoint }]) => [
    entryPoint,
    pageFiles(output),
  ]),
);
const before = json(`${DIST}manifest.json`);
write("manifest.json", JSON.stringify({ sources: digest(), pages, files }, null, 1));
// Pages of the build before are still open: their files stay until the next one.
const kept = new Set([...files, ...before.files, "manifest.json"]);
for (const name of readdirSync(DIST)) if (!kept.has(name)) rmSync(DIST + name);
