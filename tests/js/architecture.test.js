import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const ROOT = new URL("../../static/js/", import.meta.url);
const IMPORT = /(?:\bfrom|\bimport|import\()\s*"(\.[^"]+)"/gu;

/** Which folders a folder may import from, besides itself. @type {Record<string, string[]>} */
const ALLOWED = {
  core: [],
  "core/ui": ["core"],
  notifications: ["core", "core/ui"],
  accounts: ["core", "core/ui", "notifications"],
  chat: ["core", "core/ui", "notifications"],
  analytics: ["core", "core/ui", "notifications"],
  nodes: ["core", "core/ui", "notifications"],
  topics: ["core", "core/ui", "notifications"],
  connection_check: ["core", "core/ui", "notifications"],
};

/** The imports of each module, including types. @type {Map<string, string[]>} */
const modules = new Map();
for (const name of readdirSync(ROOT, { recursive: true, encoding: "utf8" })) {
  if (!/\.(js|d\.ts)$/u.test(name)) continue;
  const text = readFileSync(new URL(name, ROOT), "utf8");
  const imports = [...text.matchAll(IMPORT)].map(([, path = ""]) =>
    new URL(path, new URL(name, ROOT)).href.slice(ROOT.href.length),
  );
  modules.set(name, imports);
}

/** @param {string} module */
function folderOf(module) {
  return module.startsWith("core/ui/") ? "core/ui" : (module.split("/")[0] ?? "");
}

test("features stand over the core, and import only what they may", () => {
  const wrong = [...modules].flatMap(([from, imports]) => {
    const own = folderOf(from);
    const allowed = [own, ...(ALLOWED[own] ?? [])];
    return imports.filter((to) => !allowed.includes(folderOf(to))).map((to) => `${from} → ${to}`);
  });
  assert.deepEqual(wrong, []);
  assert.deepEqual(new Set([...modules.keys()].map(folderOf)), new Set(Object.keys(ALLOWED)));
});

test("a feature takes of notifications only what stands for all of it", () => {
  const FACE = /^notifications\/(?:notifications|start_notifications|group_sentence)\.js$/u;
  const wrong = [...modules].flatMap(([from, imports]) =>
    folderOf(from) === "notifications"
      ? []
      : imports.filter((to) => folderOf(to) === "notifications" && !FACE.test(to)),
  );
  assert.deepEqual(wrong, []);
});

test("modules do not import each other in a circle", () => {
  /** @type {Map<string, "open" | "done">} */
  const visited = new Map();
  /** @param {string} module @param {string[]} path */
  function visit(module, path) {
    if (visited.get(module) === "done") return;
    assert.notEqual(visited.get(module), "open", [...path, module].join(" → "));
    visited.set(module, "open");
    const text = readFileSync(new URL(module, ROOT), "utf8").replace(/\/\*.*?\*\//gsu, "");
    for (const to of modules.get(module) ?? [])
      if (text.includes(`/${to.split("/").at(-1)}"`)) visit(to, [...path, module]);
    visited.set(module, "done");
  }
  for (const module of modules.keys()) visit(module, []);
});

test("every import leads to a module", () => {
  const missing = [...modules.values()].flat().filter((to) => !modules.has(to));
  assert.deepEqual(missing, []);
});
