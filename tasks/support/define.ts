import { task } from "hardhat/config";

import { ACCOUNT, CALLDATA, DEPLOYMENT, JSON_FLAG, SAFE, YES } from "./options.js";

/**
 * @param example what follows the command's name in an example
 * @returns a description for `--help`, where it stands first, and for lists, where it has one line
 */
export function described(id: string | readonly string[], what: string, example: string): string {
  const words = [typeof id === "string" ? id : id.join(" "), example].filter((part) => part !== "");
  return `${what}. Example: hardhat ${words.join(" ")}`;
}

/** A command that works on files alone. */
export function fileTask(id: string[], what: string, example: string) {
  return task(id, described(id, what, example)).addFlag(JSON_FLAG);
}

function deploymentTask(id: string | string[], what: string, example: string) {
  const example_ = [example, "--network localhost"].filter((part) => part !== "").join(" ");
  return task(id, described(id, what, example_))
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG);
}

/** A command that looks at a deployment. */
export function viewTask(id: string | string[], what: string, example: string) {
  return deploymentTask(id, what, example);
}

/** A command that signs something which somebody else may send. */
export function signingTask(id: string[], what: string, example: string) {
  return deploymentTask(id, what, example)
    .addOption(ACCOUNT)
    .addFlag({ ...YES, description: "Sign on public networks without being asked" });
}

/** A command that sends transactions: none can lack what they all have. */
export function sendingTask(id: string[], what: string, example: string) {
  return deploymentTask(id, what, example).addOption(ACCOUNT).addFlag(YES).addFlag(CALLDATA).addOption(SAFE);
}
