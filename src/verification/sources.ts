import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { RecordedBuild } from "./record.js";

/**
 * @param names sources as the compiler knows them: `project/contracts/…`, or `npm/<package>@<version>/…`
 * @returns those whose recorded text is not what the checkout, with its installed packages, has: what is on chain would then be proven
 * to be another source than this one
 */
export function changedSources(root: string, build: RecordedBuild, names: readonly string[]): readonly string[] {
  return names.filter((name) => {
    const file = fileOf(root, name);
    return file === undefined || !existsSync(file) || readFileSync(file, "utf8") !== build.input.sources[name]?.content;
  });
}

/** Undefined for an npm source of another version than the installed one, and for names of a form that is not known. */
function fileOf(root: string, name: string): string | undefined {
  const project = /^project\/(.+)$/.exec(name)?.[1];
  if (project !== undefined) return join(root, project);
  const [, dependency, version, path] = /^npm\/((?:@[^/]+\/)?[^/@]+)@([^/]+)\/(.+)$/.exec(name) ?? [];
  if (dependency === undefined || version === undefined || path === undefined) return undefined;
  const folder = join(root, "node_modules", dependency);
  const manifest = join(folder, "package.json");
  if (!existsSync(manifest)) return undefined;
  const installed = (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
  return installed === version ? join(folder, path) : undefined;
}
