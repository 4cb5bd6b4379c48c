import { mnemonicAccounts, sampleSize, writeSampleList } from "../../src/airdrop/index.js";
import { formatCount } from "../../src/format.js";
import { answer } from "../support/answer.js";
import { required, wholeNumber } from "../support/inputs.js";

interface Arguments {
  rows: string;
  seed: string;
  out: string;
  testAccounts: boolean;
  json: boolean;
}

export default async function sampleAction({ rows, seed, out, testAccounts, json }: Arguments) {
  return answer(
    json,
    async () => {
      const count = sampleSize(Number(wholeNumber("rows", rows)));
      const accounts = testAccounts ? mnemonicAccounts(count) : undefined;
      await writeSampleList({ rows: count, seed, accounts, out: required("out", out) });
      return { rows: count, seed, out };
    },
    (sample) => `${formatCount(sample.rows)} rows of seed "${sample.seed}" written to ${sample.out}`,
  );
}
