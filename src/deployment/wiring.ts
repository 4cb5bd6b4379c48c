import { type Contract, getAddress, isAddress } from "ethers";

import { type ContractRecord, CONTRACTS, ECONOMIES } from "./contracts.js";
import type { Deployment } from "./open.js";
import { isRevert } from "./revert.js";

/** What contracts say of others: a getter, such as `xme.ads.treasury()`, and whose address it gives. */
export type Wiring = readonly (readonly [getter: string, value: string])[];

/**
 * Asks every getter of an address of every contract of this project's.
 * @returns Ignition's future id of the contract that each gives; the address itself where it is none of the deployment's, and "refused" where
 * there is none to give
 */
export async function wiringOf(deployment: Deployment): Promise<Wiring> {
  const names = new Map([...deployment.addresses].map(([future, address]) => [getAddress(address), future]));
  const asked = ECONOMIES.filter((economy) => deployment.has(economy)).flatMap((economy) =>
    (Object.entries(CONTRACTS[economy]) as [string, ContractRecord][])
      .filter(([, { foreign, future }]) => foreign === undefined && deployment.addresses.has(future))
      .flatMap(([name]) => {
        const contract = deployment.contract(economy, name) as Contract;
        return gettersOf(contract).map(async (getter) => {
          const value = await contract
            .getFunction(getter)
            .staticCall()
            .then(String, (error: unknown) => {
              if (isRevert(error)) return "refused";
              throw error;
            });
          return [
            `${economy}.${name}.${getter}`,
            (isAddress(value) ? names.get(getAddress(value)) : undefined) ?? value,
          ] as const;
        });
      }),
  );
  return Promise.all(asked);
}

/** @returns signatures of views that take nothing and give one address */
function gettersOf({ interface: abi }: Contract): readonly string[] {
  const getters: string[] = [];
  abi.forEachFunction((view) => {
    const [output, ...more] = view.outputs;
    if (view.constant && view.inputs.length === 0 && output?.type === "address" && more.length === 0) {
      getters.push(view.format());
    }
  });
  return getters;
}
