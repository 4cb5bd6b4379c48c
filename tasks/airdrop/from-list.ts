import { type OnProgress, progressBar } from "../../src/airdrop/index.js";
import { required, wholeNumber } from "../support/inputs.js";

/** What every task that reads a list takes, as it was typed. */
export interface ListArguments {
  readonly csv: string;
  readonly allocation: string;
}

/** Works on a list with a progress bar on the terminal. */
export async function fromList<T>(
  { csv, allocation }: ListArguments,
  body: (list: { csv: string; allocation: bigint | undefined }, onProgress?: OnProgress) => T | Promise<T>,
): Promise<T> {
  const list = {
    csv: required("csv", csv),
    allocation: allocation === "" ? undefined : wholeNumber("allocation", allocation),
  };
  const bar = progressBar(process.stderr);
  try {
    return await body(list, bar.onProgress);
  } finally {
    bar.clear();
  }
}
