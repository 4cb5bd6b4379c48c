import { AirdropStore, parseAddress } from "../../src/airdrop/index.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import { formatAmount } from "../../src/format.js";
import { answer } from "../support/answer.js";
import { required } from "../support/inputs.js";

interface Arguments {
  store: string;
  account: string;
  json: boolean;
}

export default async function proofAction({ store: path, account, json }: Arguments) {
  return answer(
    json,
    async () => {
      const address = parseAddress(required("account", account));
      using store = AirdropStore.open(required("store", path));
      const proof = store.proofOf(address);
      if (proof === undefined) {
        throw new ExplainedError(
          `${address} is not on the list of ${path}: check the address, and that this is the airdrop's store.`,
        );
      }
      return Promise.resolve(proof);
    },
    ({ index, account: address, amount, proof, root }) =>
      [
        `index    ${index.toString()}`,
        `account  ${address}`,
        `amount   ${amount.toString()} wei (${formatAmount(amount)} XME)`,
        `root     ${root}`,
        `proof    [${proof.join(",")}]`,
      ].join("\n"),
  );
}
